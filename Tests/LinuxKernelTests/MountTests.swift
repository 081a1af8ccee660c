import LinuxKernel
import Testing

@Suite struct MountTests {
  @Test func mountinfoLinesAreParsed() {
    let text = """
      36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
      37 35 0:5 / /with\\040blank rw - tmpfs tmp\\134fs rw
      broken line
      38 35 0:5 / /no-optional rw shared:1 master:2 - cgroup2 cgroup rw
      """
    let points = MountPoint.parse(text)
    #expect(points.map(\.target) == ["/mnt2", "/with blank", "/no-optional"])
    #expect(points.map(\.type) == ["ext3", "tmpfs", "cgroup2"])
    #expect(points[0].root == "/mnt1")
    #expect(points[1].source == "tmp\\fs")
    #expect(points[0].superOptions == "rw,errors=continue")
  }
}
