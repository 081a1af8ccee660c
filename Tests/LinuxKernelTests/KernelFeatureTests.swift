import Testing

@testable import LinuxKernel

@Suite struct FeatureModelTests {
  @Test func capabilitiesAreReadFromTheStatusFile() {
    let status = "Name:\tx\nCapInh:\t0000000000000000\nCapEff:\t0000000000201000\n"
    #expect(Capability.effective(in: status, .netAdmin))
    #expect(Capability.effective(in: status, .sysAdmin))
    #expect(!Capability.effective(in: status, .sysResource))
    #expect(!Capability.effective(in: "", .netAdmin))
  }

  @Test func theControlGroupLayoutIsToldFromTheMounts() {
    func mount(_ type: String, _ target: String) -> MountPoint {
      MountPoint(root: "/", target: target, type: type, source: "cgroup", superOptions: "rw")
    }
    let memory = mount("cgroup", "/sys/fs/cgroup/memory")
    let unified = mount("cgroup2", "/sys/fs/cgroup/unified")
    #expect(ControlGroupLayout.layout(of: []) == .none)
    #expect(ControlGroupLayout.layout(of: [unified]) == .unified("/sys/fs/cgroup/unified"))
    #expect(ControlGroupLayout.layout(of: [memory]) == .legacy(controllers: ["/sys/fs/cgroup/memory"]))
    #expect(
      ControlGroupLayout.layout(of: [memory, unified])
        == .hybrid(controllers: ["/sys/fs/cgroup/memory"], unified: "/sys/fs/cgroup/unified"))
  }

  @Test func whatFailsIsMissingWithItsReason() {
    let feature = KernelFeature.trying("x", "for a test", remedy: "none") {
      throw KernelError(errno: 95, operation: "try")
    }
    #expect(!feature.isPresent)
    guard case .missing(let reason) = feature.state else { return }
    #expect(reason.contains("not supported"))
  }
}

@Suite struct KernelFeatureProbeTests {
  @Test func aMachineThatRunsTheseTestsHasWhatIsRequired() {
    for feature in KernelFeatures.probe() where feature.importance == .required {
      #expect(feature.isPresent, "\(feature.name): \(feature.state); \(feature.remedy)")
    }
  }
}
