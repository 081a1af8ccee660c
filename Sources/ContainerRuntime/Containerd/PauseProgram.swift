/// The program a sandbox runs: it ignores SIGCHLD, which makes the kernel reap the orphans of a shared PID namespace,
/// and waits for ever. Made from bytes, so that no compiler is needed on the machine.
///
/// Sources: elf(5); system call numbers of <asm/unistd.h> of each architecture.
package enum PauseProgram {
  package enum Architecture: String, Sendable, CaseIterable {
    /// The names are Go's, which image configurations and node labels use.
    case amd64
    case arm64

    package static var current: Architecture {
      #if arch(arm64)
        .arm64
      #else
        .amd64
      #endif
    }

    fileprivate var machine: UInt16 { self == .amd64 ? 62 : 183 }
  }

  private static let loadAddress: UInt64 = 0x40_0000
  private static let headerSize = 64 + 56

  /// A static ELF executable with one segment: headers, code, and the `struct sigaction` the code hands to the kernel.
  package static func bytes(for architecture: Architecture) -> [UInt8] {
    let codeSize = code(for: architecture, actionAddress: 0).count
    let actionOffset = (headerSize + codeSize + 7) & ~7
    let code = code(for: architecture, actionAddress: loadAddress + UInt64(actionOffset))
    // Handler SIG_IGN (1), no flags, no restorer, empty mask.
    let action: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)
    let size = UInt64(actionOffset + action.count)

    var file = LittleEndianBytes()
    file.append([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8))
    file.append(UInt16(2))  // ET_EXEC
    file.append(architecture.machine)
    file.append(UInt32(1))
    file.append(loadAddress + UInt64(headerSize))  // entry point
    file.append(UInt64(64))  // program headers
    file.append(UInt64(0))  // section headers
    file.append(UInt32(0))
    file.append(UInt16(64))
    file.append(UInt16(56))
    file.append(UInt16(1))
    file.append([UInt8](repeating: 0, count: 6))

    file.append(UInt32(1))  // PT_LOAD
    file.append(UInt32(5))  // readable, executable
    file.append(UInt64(0))
    file.append(loadAddress)
    file.append(loadAddress)
    file.append(size)
    file.append(size)
    file.append(UInt64(0x10000))  // the largest page size of either architecture

    file.append(code)
    file.append([UInt8](repeating: 0, count: actionOffset - file.bytes.count))
    file.append(action)
    return file.bytes
  }

  private static func code(for architecture: Architecture, actionAddress: UInt64) -> [UInt8] {
    var code = LittleEndianBytes()
    switch architecture {
    case .amd64:
      // rt_sigaction(SIGCHLD, action, NULL, 8)
      code.append([0xbf, 0x11, 0, 0, 0])  // mov edi, 17
      code.append([0xbe])  // mov esi, action
      code.append(UInt32(truncatingIfNeeded: actionAddress))
      code.append([0x31, 0xd2])  // xor edx, edx
      code.append([0x41, 0xba, 0x08, 0, 0, 0])  // mov r10d, 8
      code.append([0xb8, 0x0d, 0, 0, 0, 0x0f, 0x05])  // mov eax, 13; syscall
      // for (;;) pause()
      code.append([0xb8, 0x22, 0, 0, 0, 0x0f, 0x05])  // mov eax, 34; syscall
      code.append([0xeb, 0xf7])  // jmp back over these nine bytes
    case .arm64:
      let adrOffset = UInt32(truncatingIfNeeded: actionAddress &- (loadAddress + UInt64(headerSize) + 4))
      // rt_sigaction(SIGCHLD, action, NULL, 8)
      code.append(UInt32(0xd280_0220))  // mov x0, 17
      code.append(UInt32(0x1000_0001) | (adrOffset & 3) << 29 | (adrOffset >> 2 & 0x7ffff) << 5)  // adr x1, action
      code.append(UInt32(0xd280_0002))  // mov x2, 0
      code.append(UInt32(0xd280_0103))  // mov x3, 8
      code.append(UInt32(0xd280_10c8))  // mov x8, 134
      code.append(UInt32(0xd400_0001))  // svc 0
      // for (;;) ppoll(NULL, 0, NULL, NULL); there is no pause on this architecture
      for register in 0..<4 { code.append(UInt32(0xd280_0000) | UInt32(register)) }
      code.append(UInt32(0xd280_0928))  // mov x8, 73
      code.append(UInt32(0xd400_0001))  // svc 0
      code.append(UInt32(0x17ff_fffa))  // b back over these six instructions
    }
    return code.bytes
  }
}

private struct LittleEndianBytes {
  var bytes: [UInt8] = []

  mutating func append(_ more: [UInt8]) { bytes += more }

  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
