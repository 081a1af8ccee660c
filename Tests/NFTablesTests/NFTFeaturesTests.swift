import LinuxKernel
import NFTables
import Testing

@Suite struct KernelNFTFeaturesTests {
  @Test func theKernelTranslatesAndLooksUp() {
    for feature in NFTFeatures.probe() {
      #expect(feature.isPresent, "\(feature.name): \(feature.state)")
    }
  }
}
