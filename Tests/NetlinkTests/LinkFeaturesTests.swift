import LinuxKernel
import Netlink
import Testing

@Suite struct KernelLinkFeaturesTests {
  @Test func requiredKindsOfInterfacesAreThere() {
    for feature in LinkFeatures.probe() where feature.importance == .required {
      #expect(feature.isPresent, "\(feature.name): \(feature.state)")
    }
  }
}
