internal import CCurl
import DoorpostCore
import DoorpostCurl

/// What the center answered.
struct CenterAnswer {
    var status: Int
    var body: [UInt8]
    /// The center's clock, to the second; nil if it did not say.
    var date: Timestamp?
}

/// One POST to the center, on a connection of its own: one that was kept while a person typed may
/// be dead without our knowing, and to find that out takes longer than to open another.
final class CenterRequest {
    /// A center that is there has answered to TCP and TLS long before. The host program's user
    /// sits and waits.
    private static let connectMilliseconds = 1500
    /// More is no answer of a Doorpost.
    private static let longestAnswer = 64 * 1024

    private let address: CenterAddress
    private let handle: UnsafeMutableRawPointer
    private let failure: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    fileprivate var answer: [UInt8] = []
    /// The `Date` of the answer, as it was told.
    fileprivate var date: String?

    init(_ address: CenterAddress) throws(FlowError) {
        guard doorpost_curl_load() else {
            throw FlowError(
                .center,
                "libcurl cannot be loaded: \(String(cString: doorpost_curl_load_error())); "
                    + "install the package libcurl4")
        }
        guard let handle = doorpost_curl_open() else {
            throw FlowError(.center, "libcurl is out of memory")
        }
        self.address = address
        self.handle = handle
        failure = .allocate(capacity: Int(CURL_ERROR_SIZE))
        failure.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        // The handle first: it points to all the others.
        doorpost_curl_close(handle)
        doorpost_curl_list_free(headers)
        failure.deallocate()
    }

    /// Asks once.
    ///
    /// - Parameter patience: for the whole, connecting included.
    /// - Throws: ``FlowError`` (``FlowError/Code/center``): there is no answer.
    func post(_ body: String, to path: String, key: HostKey, patience: Span) throws(FlowError)
        -> CenterAnswer
    {
        try set(CURLOPT_URL, address.url + path)
        try check(doorpost_curl_set_error_buffer(handle, failure))
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.connectMilliseconds)
        try set(CURLOPT_TIMEOUT_MS, Int(patience.milliseconds))
        // Not waiting for a name server that is silent: its thread is left to end by itself.
        try set(CURLOPT_QUICK_EXIT, 1)
        try isolate()
        try trust()
        try addHeader("Content-Type: application/json")
        try addHeader("Authorization: Bearer \(key.text)")
        // No question whether the body is welcome: that would be one more round trip.
        try addHeader("Expect:")
        try check(doorpost_curl_set_list(handle, CURLOPT_HTTPHEADER, headers))
        try set(CURLOPT_POST, 1)
        try set(CURLOPT_COPYPOSTFIELDS, body)
        try check(
            doorpost_curl_set_body_receiver(
                handle, takeBody, Unmanaged.passUnretained(self).toOpaque()))
        try check(
            doorpost_curl_set_answer_receiver(
                handle, takeHeader, Unmanaged.passUnretained(self).toOpaque()))
        let result = doorpost_curl_perform(handle)
        guard result == CURLE_OK else { throw unreachable(result) }
        return CenterAnswer(
            status: doorpost_curl_response_code(handle), body: answer,
            date: date.flatMap(HTTPDateText.read))
    }

    private func unreachable(_ result: CURLcode) -> FlowError {
        let own = String(cString: failure)
        let what = own.isEmpty ? String(cString: doorpost_curl_message(result)) : own
        return FlowError(
            .center, "\(address.url) gave no answer: \(VisibleText.escape(what, limit: 300))")
    }

    /// Nothing but the configuration says where the request goes: no environment, no file, and no
    /// answer that sends it on.
    private func isolate() throws(FlowError) {
        let scheme = address.url.hasPrefix("http:") ? "http" : "https"
        try set(CURLOPT_PROTOCOLS_STR, scheme)
        try set(CURLOPT_REDIR_PROTOCOLS_STR, scheme)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try set(CURLOPT_PROXY, address.proxy ?? "")
        try set(CURLOPT_NOPROXY, address.proxy == nil ? "*" : "")
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try set(CURLOPT_VERBOSE, 0)
    }

    private func trust() throws(FlowError) {
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, 1)
        try set(CURLOPT_SSL_VERIFYHOST, 2)
        // What is not named here is not trusted: no second authority beside a ca_file.
        let trust = TrustAnchors(caFile: address.caFile)
        if trust.isSystemDefault { return }
        try check(doorpost_curl_set_string(handle, CURLOPT_CAINFO, trust.file))
        try check(doorpost_curl_set_string(handle, CURLOPT_CAPATH, trust.directory))
    }

    private func addHeader(_ line: String) throws(FlowError) {
        guard let longer = doorpost_curl_list_append(headers, line) else {
            throw FlowError(.center, "libcurl is out of memory")
        }
        headers = longer
    }

    /// The one place where text goes to libcurl: what could end a line never does.
    private func set(_ option: CURLoption, _ value: String) throws(FlowError) {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw FlowError(.center, "a setting of the center holds a control character")
        }
        try check(doorpost_curl_set_string(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(FlowError) {
        try check(doorpost_curl_set_long(handle, option, value))
    }

    /// Any option that is not taken ends the request: some of them carry its security.
    private func check(_ code: CURLcode) throws(FlowError) {
        guard code == CURLE_OK else {
            throw FlowError(
                .center,
                "libcurl \(String(cString: doorpost_curl_version())) refused a setting: "
                    + String(cString: doorpost_curl_message(code)))
        }
    }

    /// - Returns: false if it is too much.
    fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard answer.count + bytes.count <= Self.longestAnswer else { return false }
        answer += bytes
        return true
    }
}

// SAFETY: `context` is the request that performs the transfer, which lives as long as it takes;
// `bytes` holds size × count bytes for the time of the call.
private func takeBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let request = Unmanaged<CenterRequest>.fromOpaque(context).takeUnretainedValue()
    let isTaken = request.take(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return isTaken ? size * count : 0
}

// SAFETY: as above.
private func takeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let request = Unmanaged<CenterRequest>.fromOpaque(context).takeUnretainedValue()
    let line = String(
        decoding: UnsafeRawBufferPointer(start: bytes, count: size * count), as: UTF8.self)
    if line.lowercased().hasPrefix("date:") {
        let value = line.dropFirst("date:".count).split(whereSeparator: \.isNewline).first ?? ""
        request.date = String(value.drop { $0 == " " })
    }
    return size * count
}
