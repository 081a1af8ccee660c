package import NetworkTypes

extension PolicyPlan {
  package struct Configuration: Sendable {
    package var nodeName: String
    /// One plan serves one address family.
    package var family: IPAddress.Family
    /// Where the cluster's names are answered: queries there are judged as if to `kube-system`'s `k8s-app: kube-dns`.
    package var nameServerAddresses: [IPAddress]

    package init(nodeName: String, family: IPAddress.Family, nameServerAddresses: [IPAddress] = []) {
      self.nodeName = nodeName
      self.family = family
      self.nameServerAddresses = nameServerAddresses
    }
  }
}
