"""A picture of ratios to native code: a group of bars per program, one bar per engine."""

from xml.sax.saxutils import escape

from . import report

COLOURS = ["#2f81f7", "#e3872d", "#8b8f98", "#3fa65a", "#b25fd1", "#d1495b", "#1fa3a3", "#9a7b4f"]
LEFT, WIDTH, BAR, GAP, TOP, RIGHT = 128, 560, 9, 7, 84, 60
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 14px }
  .mean { font-weight: 600 }
  .value { font-size: 10px; fill: #59636e }
  .grid { stroke: #d1d9e0 }
  .native { stroke: #1f2328; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .value { fill: #9198a1 } .grid { stroke: #3d444d } .native { stroke: #e6edf3 }
  }
"""


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def bars(values, top, scale, limit):
    """One group: (engine's index, ratio) from the top down. A bar beyond the scale is cut, its number is not."""
    parts = []
    for row, (index, value) in enumerate(values):
        y, length = top + row * BAR, min(value, limit) * scale
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 1.5}" '
                     f'fill="{COLOURS[index % len(COLOURS)]}"/>')
        parts.append(text(LEFT + length + 4, y + BAR - 2, f"{value:.2f}" + (" \u2026" if value > limit else ""),
                          "value"))
    return parts


def legend(engines):
    parts, x = [], LEFT
    for index, engine in enumerate(engines):
        parts.append(f'<rect x="{x}" y="36" width="10" height="10" fill="{COLOURS[index % len(COLOURS)]}"/>')
        name = engine.name.removesuffix("@host")  # the title says which CPU
        parts.append(text(x + 14, 45, name))
        x += 30 + 7 * len(name)
    return parts


def axis(height, scale, limit):
    parts = []
    step = 0.5 if limit <= 3 else 1
    for i in range(int(limit / step) + 1):
        x = LEFT + i * step * scale
        kind = "native" if i * step == 1 else "grid"
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 10}" class="{kind}"/>')
        parts.append(text(x, TOP - 14, f"{i * step:g}", "value", "middle"))
    return parts


def draw(results, engines, metric, title, limit=2.5):
    """The picture as a string. Engines that are native code itself are the line at 1."""
    shown = [engine for engine in report.columns(results, engines) if not report.is_native(engine)]
    groups = [(program, [(i, value) for i, engine in enumerate(shown)
                         if (value := report.ratio(result, engine, metric))])
              for program, result in results.items()]
    groups.append(("geometric mean", [(i, report.geometric_mean(values)) for i, engine in enumerate(shown)
                                      if (values := report.ratios(results, engine, metric))]))
    scale = WIDTH / limit
    parts, y = [], TOP
    for name, values in groups:
        size = max(len(values) * BAR, 12)
        kind = "mean" if name == "geometric mean" else ""
        parts.append(text(LEFT - 8, y + size / 2 + 4, name, kind, "end"))
        parts += bars(values, y, scale, limit)
        y += size + GAP
    height, width = y + 12, LEFT + WIDTH + RIGHT
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img">', f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
            text(8, 20, title, "title")]
    return "\n".join(head + legend(shown) + axis(height, scale, limit) + parts + ["</svg>", ""])
