extension IncidentReport {
  /// The page's one style sheet: what a Content-Security-Policy must allow by its hash.
  public static let style: HTML = """
    body{font:15px/1.6 "Noto Sans CJK SC","Noto Sans SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2430}
    h1{margin:0}h2{margin:1.6rem 0 .4rem;font-size:1.1rem;border-bottom:1px solid #ccd3dc}table{border-collapse:collapse;width:100%}
    th,td{border:1px solid #ccd3dc;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#f2f5f8}
    .quiet{color:#5b6776;font-size:.85rem;overflow-wrap:anywhere}.verdict{font-size:1.4rem;font-weight:700;padding:.3rem .8rem;display:inline-block}
    .pass{background:#dff3e4;color:#11602a}.fail{background:#fbe0de;color:#8f1d14}.undetermined{background:#fff1d2;color:#7a5300}
    .pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:.8rem}figure{margin:0}img{width:100%}
    pre{background:#f2f5f8;padding:.6rem;overflow-x:auto}@media print{body{margin:0}h2{break-after:avoid}}
    """
}
