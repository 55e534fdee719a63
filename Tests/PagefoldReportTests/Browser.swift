// Opens a page in headless Chromium and measures its figures there. Not a test itself.

import Foundation
import Testing

/// Chromium, where the machine has it.
enum Browser {
    static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        for name in ["chromium", "chromium-browser", "google-chrome"] {
            for folder in folders {
                let path = "\(folder)/\(name)"
                if FileManager.default.isExecutableFile(atPath: path) { return path }
            }
        }
        return nil
    }()

    enum Scheme: String, CaseIterable { case light, dark }

    struct Measured: Decodable {
        var isDark: Bool
        var title: String
        var width: Int
        /// How far the page reaches beyond its width, and tables that do beyond theirs.
        var overflow: Int
        var cutTables: Int
        /// Addresses that the page loaded beyond itself.
        var loaded: [String]
        var figures: [MeasuredFigure]
    }

    struct MeasuredFigure: Decodable {
        var id: String
        var isNarrow: Bool
        /// Marks with an area, within the view box, that stand out from the ground.
        var visible: Int
        var marks: Int
        /// Marks that leave the view box.
        var outside: Int
        /// Texts that leave the view box, and pairs of labels that lie on each other.
        var lostTexts: [String]
        var collisions: [String]
        var titles: Int
        var rows: Int
    }

    /// Marks are measured as they are drawn: boxes from `getBBox`, colours from the computed style.
    private static let script = """
        <script>(()=>{
        const rgb=c=>(c.match(/[\\d.]+/g)||[]).map(Number);
        const light=c=>{const [r,g,b]=rgb(c).map(v=>{v/=255;return v<=.03928?v/12.92:((v+.055)/1.055)**2.4});
          return .2126*r+.7152*g+.0722*b};
        const ground=light(getComputedStyle(document.body).backgroundColor);
        const shows=c=>{if(c==='none'||rgb(c)[3]===0)return false;const l=light(c);
          return (Math.max(l,ground)+.05)/(Math.min(l,ground)+.05)>=1.05};
        const figures=[...document.querySelectorAll('figure')].map(f=>{
          const s=[...f.querySelectorAll('svg')].find(e=>e.getBoundingClientRect().width)||f.querySelector('svg'),
            v=s.viewBox.baseVal;
          const out=b=>b.x<-1||b.y<-1||b.x+b.width>v.width+1||b.y+b.height>v.height+1;
          const marks=[...s.querySelectorAll('.mark')];
          const visible=marks.filter(m=>{const b=m.getBBox(),c=getComputedStyle(m);
            return b.width*b.height>0&&!out(b)&&c.display!=='none'&&c.visibility==='visible'&&+c.opacity>0
              &&(shows(c.fill)||shows(c.stroke))});
          const texts=[...s.querySelectorAll('text')].map(t=>({t:t.textContent,b:t.getBBox()}));
          const collisions=[];
          texts.forEach((p,i)=>texts.slice(i+1).forEach(q=>{
            const w=Math.min(p.b.x+p.b.width,q.b.x+q.b.width)-Math.max(p.b.x,q.b.x);
            const h=Math.min(p.b.y+p.b.height,q.b.y+q.b.height)-Math.max(p.b.y,q.b.y);
            if(w>2&&h>5)collisions.push(p.t+' | '+q.t)}));
          return {id:f.id,isNarrow:s.classList.contains('narrow'),marks:marks.length,visible:visible.length,outside:marks.filter(m=>out(m.getBBox())).length,
            lostTexts:texts.filter(t=>out(t.b)).map(t=>t.t),collisions,
            titles:s.querySelectorAll(':scope>title,:scope>desc').length,rows:f.querySelectorAll('tbody tr').length}});
        const p=document.createElement('pre');p.id='measured';
        p.textContent='BEGIN'+btoa(unescape(encodeURIComponent(JSON.stringify({
          title:document.title,width:innerWidth,overflow:document.documentElement.scrollWidth-innerWidth,
          cutTables:[...document.querySelectorAll('.table')].filter(e=>e.scrollWidth>e.clientWidth+1).length,
          isDark:matchMedia('(prefers-color-scheme: dark)').matches,
          loaded:performance.getEntriesByType('resource').map(e=>e.name),figures}))))+'END';
        document.body.append(p)})()</script>
        """

    /// - Parameter html: a whole page.
    /// - Parameter isPhone: 375 px wide, in a frame: the browser has no window so narrow.
    static func measure(_ html: String, _ scheme: Scheme, isPhone: Bool = false) throws -> Measured {
        let folder = NSTemporaryDirectory() + "pagefold-browser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let page = html.replacingOccurrences(of: "</body>", with: script + "</body>")
        try page.write(toFile: folder + "/page.html", atomically: true, encoding: .utf8)
        // What the frame has measured, the page around it shows.
        let frame = """
            <!DOCTYPE html><body><iframe src="page.html" style="width:375px;height:800px;border:0"></iframe><script>
            const f=document.querySelector('iframe');f.onload=()=>{
            document.body.append(f.contentDocument.getElementById('measured').cloneNode(true))}</script></body>
            """
        if isPhone { try frame.write(toFile: folder + "/frame.html", atomically: true, encoding: .utf8) }
        let output = folder + "/dom"
        try Data().write(to: URL(fileURLWithPath: output))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // A browser that hangs must not hang the tests.
        process.arguments = [
            "timeout", "180", try #require(path), "--headless", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--user-data-dir=\(folder)/profile", "--window-size=1200,900",
            "--blink-settings=preferredColorScheme=\(scheme == .dark ? 0 : 1)", "--dump-dom",
            "--allow-file-access-from-files", "file://\(folder)/\(isPhone ? "frame" : "page").html",
        ]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let dom = try String(contentsOfFile: output, encoding: .utf8)
        let begin = try #require(dom.range(of: "BEGIN", options: .backwards), "the browser measured nothing")
        let end = try #require(dom.range(of: "END", options: .backwards))
        let data = try #require(Data(base64Encoded: String(dom[begin.upperBound..<end.lowerBound])))
        return try JSONDecoder().decode(Measured.self, from: data)
    }
}
