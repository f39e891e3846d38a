import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SchoolRecords
import Synchronization

/// A browser driven as a person would drive it, over WebDriver (W3C, https://www.w3.org/TR/webdriver2/).
struct Browser: Sendable {
    /// Something that the browser, or its driver, refuses.
    struct Failure: Error, CustomStringConvertible { let description: String }

    /// How large the window is, in CSS pixels.
    struct Size: Sendable, Hashable {
        let name: String
        let width: Int
        let height: Int

        static let desktop = Size(name: "desktop", width: 1280, height: 900)
        static let phone = Size(name: "phone", width: 390, height: 844)
    }

    /// An element of a page.
    struct Element: Sendable, Hashable { let id: String }

    /// The name by which WebDriver says that a value is an element.
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    private let session: String
    /// Where it puts what somebody downloads.
    private let downloads: String
    private let followed = Followed()

    /// Addresses of downloads: the driver tells nothing of what the browser fetches for no page.
    private final class Followed: Sendable {
        let addresses = Mutex<Set<String>>([])
    }

    /// How long is waited for something to show: in a large municipality the hub has more to do before it does.
    static let patience: Duration =
        ProcessInfo.processInfo.environment["KNUTPUNKT_CONSOLE_SCALE"] == "lulea" ? .seconds(300) : .seconds(60)

    /// Opens a browser for the duration of `body`, or takes one that the driver has open and that knows nothing of whoever used it
    /// before: to start one takes longer than many a job.
    static func with<Result>(
        _ driver: BrowserDriver, _ size: Size, languages: String = "sv", _ body: (Browser) async throws -> Result
    ) async throws -> Result {
        let kind = BrowserDriver.Kind(size: size, languages: languages)
        let browser: Browser
        if let idle = driver.take(kind) {
            browser = idle
        } else {
            let downloads = try driver.makeDirectory()
            browser = Browser(session: try await Self.session(driver, size, languages, downloads), downloads: downloads)
        }
        do {
            let result = try await body(browser)
            try await browser.forget()
            driver.put(browser, kind)
            return result
        } catch {
            await browser.close()
            throw error
        }
    }

    func close() async { _ = try? await Self.call("DELETE", self.session, nil) }

    /// Leaves the page and forgets whoever was signed in, what was kept of pages, and what was asked for.
    private func forget() async throws {
        try await self.open("about:blank")
        for command in ["Network.clearBrowserCookies", "Network.clearBrowserCache", "Emulation.clearDeviceMetricsOverride"] {
            try await self.do("goog/cdp/execute", ["cmd": .string(command), "params": .object([:])])
        }
        _ = try await self.asked()
        self.followed.addresses.withLock { $0 = [] }
    }

    private static func session(
        _ driver: BrowserDriver, _ size: Size, _ languages: String, _ downloads: String
    ) async throws -> String {
        var options: [String: JSONValue] = [
            "args": .array(
                [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                    "--window-size=\(size.width),\(size.height)", "--lang=\(languages)", "--force-color-profile=srgb",
                ].map { .string($0) }),
            "prefs": .object([
                "intl.accept_languages": .string(languages), "download.default_directory": .string(downloads),
                "download.prompt_for_download": .bool(false),
            ]),
        ]
        if size.width < 600 {
            options["mobileEmulation"] = .object([
                "deviceMetrics": .object([
                    "width": .integer(Int64(size.width)), "height": .integer(Int64(size.height)), "pixelRatio": .number(1),
                    "touch": .bool(true),
                ])
            ])
        }
        let capabilities: JSONValue = .object([
            "capabilities": .object([
                "alwaysMatch": .object([
                    "browserName": .string("chrome"), "goog:chromeOptions": .object(options),
                    "goog:loggingPrefs": .object(["performance": .string("ALL")]),
                    // Of milliseconds: in a large municipality a page may take its time, and the checker on a long one.
                    "timeouts": .object(["script": .integer(300_000), "pageLoad": .integer(600_000)]),
                ])
            ])
        ])
        let value = try await Self.call("POST", driver.url + "/session", capabilities)
        guard let id = value["sessionId"]?.stringValue else { throw Failure(description: "no session: \(value)") }
        return driver.url + "/session/" + id
    }

    // MARK: Going about

    func open(_ url: String) async throws { try await self.do("url", ["url": .string(url)]) }

    func address() async throws -> String { try await self.get("url").stringValue ?? "" }

    func title() async throws -> String { try await self.get("title").stringValue ?? "" }

    /// The text that a person sees on the page.
    func text() async throws -> String { try await self.script("return document.body.innerText").stringValue ?? "" }

    /// - Returns: `nil` when there is none.
    func find(_ selector: String) async throws -> Element? { try await self.all(selector).first }

    func all(_ selector: String) async throws -> [Element] {
        let value = try await self.do("elements", ["using": .string("css selector"), "value": .string(selector)])
        return (value.arrayValue ?? []).compactMap { $0[Self.elementKey]?.stringValue }.map(Element.init)
    }

    /// The element, waiting for a page that is on its way.
    ///
    /// - Throws: ``Failure`` when there is none after ``patience``.
    func element(_ selector: String) async throws -> Element {
        try await self.until("there is \(selector)") { try await self.find(selector) }
    }

    func click(_ selector: String) async throws { try await self.click(try await self.element(selector)) }

    func click(_ element: Element) async throws { try await self.do("element/\(element.id)/click", [:]) }

    func write(_ text: String, into selector: String) async throws {
        let element = try await self.element(selector)
        try await self.do("element/\(element.id)/clear", [:])
        try await self.do("element/\(element.id)/value", ["text": .string(text)])
    }

    func text(of selector: String) async throws -> String {
        try await self.get("element/\(try await self.element(selector).id)/text").stringValue ?? ""
    }

    /// Presses keys where the focus is, e.g. `Keys.tab`.
    func press(_ keys: String) async throws {
        let actions = keys.flatMap { key -> [JSONValue] in
            [
                .object(["type": .string("keyDown"), "value": .string(String(key))]),
                .object(["type": .string("keyUp"), "value": .string(String(key))]),
            ]
        }
        try await self.do(
            "actions",
            ["actions": .array([.object(["type": .string("key"), "id": .string("keyboard"), "actions": .array(actions)])])])
    }

    /// Presses a key while another is held down, e.g. `Keys.control` and `a`.
    func press(_ key: String, holding modifier: String) async throws {
        let actions = [("keyDown", modifier), ("keyDown", key), ("keyUp", key), ("keyUp", modifier)].map { type, value in
            JSONValue.object(["type": .string(type), "value": .string(value)])
        }
        try await self.do(
            "actions",
            ["actions": .array([.object(["type": .string("key"), "id": .string("keyboard"), "actions": .array(actions)])])])
    }

    /// Goes to a list of choices by the tabulator, and with the arrows to the choice that shows a text.
    ///
    /// - Throws: ``Failure`` when there is no such choice, or the page goes away while somebody is still choosing.
    func choose(_ text: String, in selector: String) async throws {
        try await self.tab(to: selector)
        try await self.press(Keys.home)
        for _ in 0..<400 {
            let chosen = try await self.script(
                "const e = document.activeElement; return e.matches(arguments[0]) && e.selectedOptions[0].text;",
                [.string(selector)])
            if chosen.stringValue?.contains(text) == true { return }
            guard chosen != .bool(false) else { break }
            try await self.press(Keys.down)
        }
        throw Failure(description: "\(selector) has no choice \(text), or doesn't let somebody choose with the arrows")
    }

    /// Chooses a file, as WebDriver has it: its path is typed.
    func choose(file path: String, in selector: String) async throws {
        try await self.tab(to: selector)
        try await self.do("element/\(try await self.element(selector).id)/value", ["text": .string(path)])
    }

    /// What a link that is followed by the keyboard downloads.
    ///
    /// - Parameter text: of the link.
    /// - Returns: the file's text.
    func download(_ text: String) async throws -> String {
        let files = FileManager.default
        for old in try files.contentsOfDirectory(atPath: self.downloads) {
            try files.removeItem(atPath: "\(self.downloads)/\(old)")
        }
        try await self.tab(to: "a[download]", showing: text)
        let address = try await self.script("return document.activeElement.href").stringValue.flatMap(URL.init(string:))
        self.followed.addresses.withLock { _ = $0.insert("GET \(address?.path ?? "")") }
        try await self.press(Keys.enter)
        return try await self.until("the file behind \(text)") {
            // A file that is on its way has another name.
            guard let name = try files.contentsOfDirectory(atPath: self.downloads).first(where: { $0.hasSuffix(".csv") }) else {
                return nil
            }
            return try String(contentsOfFile: "\(self.downloads)/\(name)", encoding: .utf8)
        }
    }

    /// Makes the window another size, with the page as it is.
    func resize(to size: Size) async throws {
        try await self.do(
            "goog/cdp/execute",
            [
                "cmd": .string("Emulation.setDeviceMetricsOverride"),
                "params": .object([
                    "width": .integer(Int64(size.width)), "height": .integer(Int64(size.height)),
                    "deviceScaleFactor": .integer(1), "mobile": .bool(size.width < 600),
                ]),
            ])
    }

    /// What the browser has asked for since this was called last: methods and paths, e.g. `POST /failed/replay`.
    func asked() async throws -> Set<String> {
        let entries = try await self.do("se/log", ["type": .string("performance")]).arrayValue ?? []
        var asked = self.followed.addresses.withLock { $0 }
        for entry in entries {
            guard let text = entry["message"]?.stringValue, let message = try JSONValue(parsing: Data(text.utf8))["message"],
                message["method"]?.stringValue == "Network.requestWillBeSent", let request = message["params"]?["request"],
                let method = request["method"]?.stringValue, let url = request["url"]?.stringValue.flatMap(URL.init(string:))
            else { continue }
            asked.insert("\(method) \(url.path)")
        }
        return asked
    }

    /// Goes to a field by the tabulator and writes into it, as somebody without a mouse does.
    func fill(_ selector: String, with text: String) async throws {
        try await self.tab(to: selector)
        try await self.press(text)
    }

    /// Presses the tabulator until the focus is on an element that fits, as somebody without a mouse does.
    ///
    /// - Throws: ``Failure`` when the focus never gets there.
    func tab(to selector: String, showing text: String? = nil) async throws {
        for _ in 0..<600 {
            try await self.press(Keys.tab)
            let fits = try await self.script(
                "const e = document.activeElement; return e.matches(arguments[0]) && (!arguments[1] || e.innerText.includes(arguments[1]));",
                [.string(selector), text.map { .string($0) } ?? .null])
            if fits == .bool(true) { return }
        }
        throw Failure(description: "at \(try await self.address()) the focus never comes to \(selector) \(text ?? "")")
    }

    /// Runs JavaScript in the page and returns what it returns.
    @discardableResult
    func script(_ text: String, _ arguments: [JSONValue] = []) async throws -> JSONValue {
        try await self.do("execute/sync", ["script": .string(text), "args": .array(arguments)])
    }

    /// The same for a script that calls its last argument when it is done.
    func longScript(_ text: String) async throws -> JSONValue {
        try await self.do("execute/async", ["script": .string(text), "args": .array([])])
    }

    /// A picture of the whole page, PNG, as high as it is.
    func picture() async throws -> Data {
        let height = try await self.script("return document.documentElement.scrollHeight").integerValue ?? 900
        let width = try await self.script("return window.innerWidth").integerValue ?? 1280
        let value = try await self.do(
            "goog/cdp/execute",
            [
                "cmd": .string("Page.captureScreenshot"),
                "params": .object([
                    "captureBeyondViewport": .bool(true),
                    "clip": .object([
                        "x": .integer(0), "y": .integer(0), "width": .integer(Int64(width)),
                        "height": .integer(Int64(min(height, 4000))), "scale": .integer(1),
                    ]),
                ]),
            ])
        guard let data = value["data"]?.stringValue.flatMap({ Data(base64Encoded: $0) }) else {
            throw Failure(description: "no picture")
        }
        return data
    }

    /// Looks again until there is something, for ``patience`` at most.
    func until<Value>(_ what: String, _ look: () async throws -> Value?) async throws -> Value {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            if let value = try await look() { return value }
            guard ContinuousClock.now < deadline else {
                let (address, text) = (try await self.address(), try await self.text())
                throw Failure(description: "not in \(Self.patience): \(what). At \(address): \(text.prefix(600))")
            }
            await self.change()
        }
    }

    /// Waits until something on the page changes, or the page makes way for another: not longer than a quarter of a second, for what
    /// changes elsewhere shows nowhere on a page.
    private func change() async {
        // A page that goes away takes its script with it, which is an error and the very thing waited for.
        _ = try? await self.longScript(
            """
            const done = arguments[arguments.length - 1];
            const observer = new MutationObserver(() => end());
            const timer = setTimeout(() => end(), 250);
            const end = () => { observer.disconnect(); clearTimeout(timer); done(true); };
            observer.observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
            """)
    }

    // MARK: The protocol

    @discardableResult
    private func `do`(_ command: String, _ body: [String: JSONValue]) async throws -> JSONValue {
        try await Self.call("POST", "\(self.session)/\(command)", .object(body))
    }

    private func get(_ command: String) async throws -> JSONValue {
        try await Self.call("GET", "\(self.session)/\(command)", nil)
    }

    /// One that waits for as long as the driver does.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.read = nil
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static func call(_ method: String, _ url: String, _ body: JSONValue?) async throws -> JSONValue {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.canonicalData))
        }
        let response = try await Self.client.execute(request, timeout: .seconds(660))
        let data = Data(try await response.body.collect(upTo: 64 << 20).readableBytesView)
        let value = try JSONValue(parsing: data)["value"] ?? .null
        guard response.status == .ok else {
            throw Failure(
                description: "\(value["error"]?.stringValue ?? "\(response.status)"): \(value["message"]?.stringValue ?? "")")
        }
        return value
    }
}

/// Keys that have no letter (WebDriver, section 17.4.2).
enum Keys {
    static let tab = "\u{E004}"
    static let enter = "\u{E007}"
    static let space = " "
    static let escape = "\u{E00C}"
    static let control = "\u{E009}"
    static let backspace = "\u{E003}"
    static let end = "\u{E010}"
    static let home = "\u{E011}"
    static let right = "\u{E014}"
    static let down = "\u{E015}"
}
