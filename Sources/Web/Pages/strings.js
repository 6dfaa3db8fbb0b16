// Every word the board shows. Chinese first; English follows with the same keys.
"use strict";
const STRINGS = {
  zh: {
    board: "事件看板", other: "English", openIncident: "接报", title: "事件标题", devices: "拉动设备", start: "开始计时", incidents: "事件", links: "上级链路",
    noIncident: "还没有事件。接到报告后,在“接报”中填写标题、勾选设备并开始计时。", noDevices: "没有登记设备;可直接推流,或在配置 devices 中登记。", noLinks: "未配置上级中心",
    keyNeeded: "请输入访问密钥", enter: "进入", connected: "实时", reconnecting: "连接中断,正在重连…", elapsed: "距接报", remaining: "剩余", overdue: "已超时",
    county: "县中心首图", province: "省中心首图", countyBracket: "县侧区间", provinceBracket: "省侧区间", grade: "证明等级", verdict: "结论", device: "设备", step: "时间线",
    pass: "达标", fail: "不达标", undetermined: "待定", closed: "已结束", close: "结束事件", report: "报告", inspect: "核查", waiting: "等待", snapshot: "首图快照", link: "链路", provinceSnapshotNote: "省中心已签名回执",
    t1: "接报", t2: "下达", t3: "应答", t4: "到场", t5: "首包", t5k: "关键帧", t6: "县首图", t8: "省首图", t9: "语音", t10: "结束",
    ack: "应答", onScene: "到场", up: "在线", down: "中断", rtt: "往返", loss: "丢包", jitter: "抖动", fps: "完好帧", freeze: "卡顿", rate: "码率", lastMinute: "近一分钟", preopened: "接报前已开,只计接报后画面", notCounted: "单独不计入",
    nextOpen: "下一步:等待接报。", nextCall: "下一步:电话催促 {0} 开机推流。", nextKey: "下一步:{0} 已有数据但没有关键帧,请检查编码器设置。", nextCounty: "下一步:{0} 已有关键帧,等待解码确认。",
    nextUp: "下一步:县中心已见画面,等待省中心回执。", nextLink: "下一步:上级链路中断,请检查专线;恢复后自动补报。", nextDone: "省中心已收到首图并签名。继续保持在线,处置完毕后结束事件。", nextLate: "已超过 30 分钟,计时继续。请立即恢复画面。", warn20: "已过 20 分钟", warn25: "已过 25 分钟",
    failed: "操作失败", breakdown: "用时分解", part_desk: "值班", part_crew: "出动", part_network: "连接", part_keyFrame: "等关键帧", part_decode: "解码", part_uplink: "上行",
  },
  en: {
    board: "Incident board", other: "中文", openIncident: "Report received", title: "Title", devices: "Devices called out", start: "Start the clock", incidents: "Incidents", links: "Uplinks",
    noIncident: "No incident yet. When a report comes in, enter a title, tick the devices and start the clock.", noDevices: "No devices registered; publish anyway, or register them under devices.", noLinks: "No upper centre configured",
    keyNeeded: "Enter your access key", enter: "Enter", connected: "live", reconnecting: "connection lost, reconnecting…", elapsed: "since t1", remaining: "left", overdue: "overdue",
    county: "County first picture", province: "Province first picture", countyBracket: "county's bracket", provinceBracket: "province's bracket", grade: "grade", verdict: "verdict", device: "Device", step: "Time line",
    pass: "pass", fail: "fail", undetermined: "undetermined", closed: "closed", close: "Close incident", report: "Report", inspect: "Inspect", waiting: "waiting", snapshot: "First picture", link: "Link", provinceSnapshotNote: "receipt signed by the province",
    t1: "received", t2: "ordered", t3: "acknowledged", t4: "on scene", t5: "first packet", t5k: "key frame", t6: "county", t8: "province", t9: "voice", t10: "closed",
    ack: "acknowledged", onScene: "on scene", up: "up", down: "down", rtt: "round trip", loss: "lost", jitter: "jitter", fps: "clean frames", freeze: "freezes", rate: "bitrate", lastMinute: "last minute", preopened: "was live before t1: only later pictures count", notCounted: "does not count alone",
    nextOpen: "Next: wait for a report.", nextCall: "Next: phone {0}: switch on and publish.", nextKey: "Next: {0} sends data but no key frame; check its encoder.", nextCounty: "Next: {0} has a key frame; waiting for the decoder.",
    nextUp: "Next: the county sees it; waiting for the province's receipt.", nextLink: "Next: the uplink is down; check the line. It reports by itself when it returns.", nextDone: "The province has seen and signed. Stay on the air; close the incident when it is over.", nextLate: "Past 30 minutes, the clock goes on. Get the picture back now.", warn20: "past 20 minutes", warn25: "past 25 minutes",
    failed: "failed", breakdown: "Where the time went", part_desk: "desk", part_crew: "crew", part_network: "network", part_keyFrame: "key frame", part_decode: "decode", part_uplink: "uplink",
  },
};
