/// The words that ``TriggerPoint/customMessage`` puts around a code.
enum CustomMessage {
    /// Stands where the code goes.
    static let codeMark = "{####}"
}
