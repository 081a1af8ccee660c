/// Why the node agent could not do something; the code is the word that pod statuses and events show.
package struct NodeAgentError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable, Hashable {
    case createContainerConfigError = "CreateContainerConfigError"
    case createContainerError = "CreateContainerError"
    case resizeError = "ResizeError"
    case runContainerError = "RunContainerError"
    case errImagePull = "ErrImagePull"
    case imagePullBackOff = "ImagePullBackOff"
    case invalidImageName = "InvalidImageName"
    case errImageNeverPull = "ErrImageNeverPull"
    case failedMount = "FailedMount"
    case failedCreatePodSandbox = "FailedCreatePodSandBox"
    case postStartHook = "PostStartHookError"
    case invalidSpec = "InvalidSpec"
    case notFound = "NotFound"
    case badRequest = "BadRequest"
    case node = "NodeError"
  }

  package let code: Code
  package let message: String
  package let cause: (any Error)?
  package let location: String

  package init(_ code: Code, _ message: String, cause: (any Error)? = nil, file: String = #fileID, line: Int = #line) {
    self.code = code
    self.message = message
    self.cause = cause
    location = "\(file):\(line)"
  }

  package var description: String {
    guard let cause else { return message }
    return "\(message): \(cause)"
  }
}
