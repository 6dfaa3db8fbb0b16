extension Inspection {
  /// The page's one style sheet: what a Content-Security-Policy must allow by its hash.
  public static let style: HTML = """
    body{font:14px/1.5 "Noto Sans CJK SC","Noto Sans SC",sans-serif;max-width:64rem;margin:1.5rem auto;padding:0 1rem;color:#1b2430}
    h1{margin:0}h2{margin:1.4rem 0 .4rem;font-size:1.05rem;border-bottom:1px solid #ccd3dc}table{border-collapse:collapse;width:100%;font-size:.85rem}
    th,td{border:1px solid #ccd3dc;padding:.2rem .4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}th{background:#f2f5f8}
    .quiet{color:#5b6776;font-size:.82rem;overflow-wrap:anywhere}.good{color:#11602a}.bad{color:#8f1d14}
    .verdict{font-size:1.3rem;font-weight:700;padding:.2rem .8rem;display:inline-block}
    .pass{background:#dff3e4;color:#11602a}.fail{background:#fbe0de;color:#8f1d14}.undetermined{background:#fff1d2;color:#7a5300}
    svg{width:100%;height:auto;display:block;margin:.3rem 0;break-inside:avoid}svg text{font-size:11px;fill:#44505e}svg .t{font-weight:700;fill:#1b2430}
    .f{fill:none;stroke:#ccd3dc}.p{fill:none;stroke:#0b5cad;stroke-width:1.4;stroke-linecap:round}.l{stroke:#b3261e;stroke-dasharray:6 4}.m{stroke:#8a94a1;stroke-dasharray:2 3}
    .n{text-anchor:middle}pre{background:#f2f5f8;padding:.5rem;overflow-x:auto}@media print{body{margin:0;max-width:none}h2{break-after:avoid}details{display:none}}
    """
}
