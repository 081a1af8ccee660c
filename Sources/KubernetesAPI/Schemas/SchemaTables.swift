/// The schemas as text: one constant per subject, each in a file of its own. ``SchemaTableParser`` tells the format.
///
/// A new kind is a few lines in one of them (or a new file, named in ``all``) and a line in `ServedKinds.swift`.
enum SchemaTables {
  static var all: [String] {
    [
      metaTypes, podTypes, containerTypes, schedulingTypes, volumeTypes, nodeTypes, serviceTypes, configurationTypes,
      appsTypes, coordinationTypes, workloadTypes, batchTypes, scalingTypes, networkingTypes, storageTypes,
      authorizationTypes, quotaTypes, flowControlTypes,
    ]
  }
}
