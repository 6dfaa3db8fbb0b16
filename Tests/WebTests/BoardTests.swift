import Command
import FirstFrameTesting
import Foundation
import Measure
import Model
import Testing

@testable import Web

@Suite("The board in a browser", .serialized, .enabled(if: Browser.isUsable, "no chromium, or a limit of address space: what it shows is not tested"))
struct BoardTests {
  private func open(_ node: RunningNode) async throws -> BrowserPage { try await #require(Browser.shared).open(node.address) }

  @Test("shows an incident as the node has it: its title as text, its clock, its first picture, its steps, and what to do next")
  func incident() async throws {
    let node = try await RunningNode(links: StubLinks())
    let title = "莫干山 <b>山火</b> \"\u{301}&amp;"
    let incident = try await node.shown(title)
    let page = try await open(node)
    try await page.wait("document.querySelector('h1')?.textContent")
    #expect(try await page.text(of: "h1") == title)
    #expect(try await page.evaluate("document.querySelectorAll('h1 b, #incidents span b').length") == 0)
    #expect(try await page.text(of: "#incidents span") == title)
    try await page.wait("/^00:\\d\\d$/.test(document.getElementById('elapsed').textContent)")
    #expect(try await page.text(of: "#left")?.hasPrefix("剩余 29:") == true)
    #expect(try await page.text(of: "#next") == "下一步:县中心已见画面,等待省中心回执。")
    // The stored picture, decoded.
    try await page.wait("document.querySelector('.shot img')?.naturalWidth === 64")
    let text = try await page.text()
    for words in ["实时", "county · county", incident.id, "t6 县首图", "完好帧 245/250", "丢包 7/1000", "往返 20.3 ms", "rtmp · live/solo01", "待定"] {
      #expect(text.contains(words), "\(words)")
    }
    #expect(text.contains(String(format: "%.1f s", incident.county.seconds ?? -1)))
    #expect(page.complaints == [])
  }

  @Test("what a device is called is text everywhere, also where it is an attribute")
  func names() async throws {
    let node = try await RunningNode()
    _ = try await node.open("x", devices: [RunningNode.hostileName])
    let page = try await open(node)
    try await page.wait("document.querySelector('.device b')")
    #expect(try await page.text(of: ".device b") == RunningNode.hostileName)
    let boxes = try await page.evaluate("[...document.querySelectorAll('.pick input')].map((box) => box.value)")
    #expect(boxes[1]?.string == RunningNode.hostileName)
    #expect(try await page.evaluate("[...document.querySelectorAll('*')].filter((node) => node.hasAttribute('onload')).length") == 0)
    #expect(try await page.text(of: "#next") == "下一步:电话催促 \(RunningNode.hostileName) 开机推流。")
  }

  @Test("opens an incident with the devices that are ticked, reports a step, and closes it")
  func acts() async throws {
    let node = try await RunningNode()
    let page = try await open(node)
    try await page.wait("document.querySelectorAll('.pick input').length === 2")
    #expect(try await page.text(of: "#incident")?.contains("还没有事件") == true)
    try await page.evaluate(
      """
      document.getElementById('title').value = '洪水';
      document.querySelectorAll('.pick input')[1].click();
      """)
    try await page.press("开始计时")
    try await page.wait(for: "洪水", in: "h1")
    #expect(try await node.desk.list(before: nil, limit: 50).incidents.map { $0.devices.map(\.name) } == [["单兵01"]])
    #expect(try await page.evaluate("document.getElementById('title').value") == "")
    try await page.press("应答")
    try await page.wait("document.querySelector('.actions button').disabled")
    #expect(try await node.desk.list(before: nil, limit: 50).incidents.first?.steps.contains { $0.id == .t3 } == true)
    try await page.press("结束事件")
    // No picture came.
    try await page.wait(for: "已结束 · 不达标", in: "#next")
    #expect(try await node.desk.list(before: nil, limit: 50).incidents.first?.closed == true)
    #expect(page.complaints == [])
  }

  @Test("a failure is said in words, and stays until it was read")
  func failures() async throws {
    let node = try await RunningNode()
    _ = try await node.open("x")
    let page = try await open(node)
    node.authority.demand(["reader": Set(WebPermission.allCases).subtracting([.incidentsWrite])])
    try await page.evaluate("sessionStorage.setItem('key', 'reader')")
    try await page.load(node.address)
    try await page.press("应答")
    try await page.wait(for: "操作失败: 没有权限。请管理员核对该密钥允许的路径和操作", in: "#notice span")
    try await page.press("知道了")
    #expect(try await page.evaluate("document.getElementById('notice') === null") == true)
  }

  @Test("says when the node is gone, and goes on by itself when it is back")
  func reconnects() async throws {
    let node = try await RunningNode()
    let page = try await open(node)
    try await page.wait(for: "实时", in: "#connection")
    await node.stop()
    try await page.wait(for: "连接中断,正在重连…", in: ".connection.lost")
    let again = try await RunningNode(port: node.port)
    _ = try await again.open("恢复后的事件")
    try await page.wait(for: "实时", in: "#connection")
    try await page.wait(for: "恢复后的事件", in: "h1")
  }

  @Test("shows a fact's effect at once, not at the next of its readings")
  func follows() async throws {
    let node = try await RunningNode()
    let page = try await open(node)
    try await page.wait(for: "实时", in: "#connection")
    // The reading at every three seconds is taken away: what is left are the events.
    try await page.evaluate("for (let timer = 0; timer < 100; timer += 1) clearInterval(timer)")
    _ = try await node.open("立刻")
    try await page.wait(for: "立刻", in: "h1")
  }

  @Test("asks for a key when the node wants one, keeps it for its window, and says when a key may not read")
  func keys() async throws {
    let node = try await RunningNode()
    node.authority.demand(["crew": [.metricsRead]])
    let page = try await open(node)
    try await page.wait("document.getElementById('key')?.open")
    #expect(try await page.evaluate("document.querySelectorAll('dialog').length") == 1)
    try await page.evaluate("document.getElementById('secret').value = 'all'; document.querySelector('#key button').click()")
    try await page.wait(for: "实时", in: "#connection")
    try await page.load(node.address)
    try await page.wait(for: "实时", in: "#connection")
    try await page.evaluate("sessionStorage.setItem('key', 'crew')")
    try await page.load(node.address)
    try await page.wait(for: "无法读取: 没有权限。请管理员核对该密钥允许的路径和操作", in: ".connection.refused")
  }

  @Test("speaks both languages, in every part that was drawn before")
  func languages() async throws {
    let node = try await RunningNode()
    _ = try await node.shown("x")
    let page = try await open(node)
    try await page.wait("document.querySelector('.shot img')")
    try await page.evaluate("document.getElementById('language').click()")
    let text = try await page.text()
    for words in [
      "Incident board", "live", "Report received", "since t1", "County first picture", "clean frames 245/250", "undetermined", "acknowledged",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    // What stays in Chinese are names that were given in Chinese, and the way back.
    let chinese = ["单兵01", "中文", "首帧", RunningNode.hostileName].reduce(text) { $0.replacing($1, with: "") }
    #expect(chinese.unicodeScalars.allSatisfy { !$0.properties.isIdeographic }, "\(chinese)")
    #expect(try await page.evaluate("document.title") == "Incident board · FirstFrame")
    try await page.load(node.address)
    try await page.wait("document.documentElement.lang === 'en'")
    try await page.wait("document.body.innerText.includes('County first picture')")
  }

  @Test("opens the report and the inspector's page in windows of their own, styled, with the picture, and without a complaint")
  func documents() async throws {
    let node = try await RunningNode()
    _ = try await node.shown("莫干山 <b>山火</b>")
    for button in ["报告", "核查"] {
      let page = try await open(node)
      try await page.press(button)
      let document = try await #require(Browser.shared).popUp("blob:\(node.address)")
      try await document.wait("document.querySelector('.verdict')")
      let colour = try await document.evaluate("getComputedStyle(document.querySelector('.verdict')).backgroundColor")
      #expect(colour == "rgb(255, 241, 210)", "its style sheet is taken under the board's policy")
      #expect(try await document.text(of: "h1")?.contains("莫干山 <b>山火</b>") == true)
      if button == "报告" { try await document.wait("document.querySelector('figure img').naturalWidth === 64") }
      #expect(document.complaints == [] && page.complaints == [])
      try await document.evaluate("window.close()")
    }
  }

  @Test("fits a wide screen and a phone: nothing reaches beyond the side of the window")
  func widths() async throws {
    let node = try await RunningNode()
    _ = try await node.shown("一起标题很长的事件,用来看看手机上会不会把页面撑开:德清县莫干山镇山火应急演练第二阶段")
    let page = try await open(node)
    try await page.wait("document.querySelector('.shot img')")
    for (width, height) in [(1440, 900), (1024, 768), (390, 844), (320, 640)] {
      try await page.setWindow(width: width, height: height)
      #expect(try await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") == true, "\(width)")
      #expect(
        try await page.evaluate("document.getElementById('next').getBoundingClientRect().top < 200") == true, "\(width): what to do is seen first")
    }
  }
}
