// The words of every page. Chinese first; English follows with the same keys. A view adds its own.

const words = {
  zh: {
    other: "English", connecting: "正在连接…", live: "实时", lost: "连接中断,正在重连…", refused: "无法读取",
    keyNeeded: "请输入访问密钥", enter: "进入", failed: "操作失败", dismiss: "知道了",
    "health.disk": "磁盘", "health.recording": "录像", "health.journal": "日志",
  },
  en: {
    other: "中文", connecting: "connecting…", live: "live", lost: "connection lost, reconnecting…", refused: "cannot read",
    keyNeeded: "Enter your access key", enter: "Enter", failed: "Failed", dismiss: "Dismiss",
    "health.disk": "Disk", "health.recording": "Recording", "health.journal": "Journal",
  },
};

let current = localStorage.getItem("language") === "en" ? "en" : "zh";

export function language() {
  return current;
}

export function setLanguage(next) {
  current = next === "en" ? "en" : "zh";
  localStorage.setItem("language", current);
}

/** @param more `{zh: {…}, en: {…}}` with the same keys in both */
export function addWords(more) {
  for (const each of Object.keys(words)) Object.assign(words[each], more[each]);
}

/** The words of a key in the current language; `{0}` and so on are filled with `values`. */
export function text(key, ...values) {
  return (words[current][key] ?? key).replace(/\{(\d)\}/g, (_, index) => values[index] ?? "");
}

/** The words of something that comes in both languages, `{zh, en}`; nothing for nothing. */
export function bilingual(words) {
  return words?.[current] ?? "";
}
