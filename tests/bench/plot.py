"""Draws the benchmarks as an SVG: what is behind each bar and point is in the tables of docs/benchmarks.md."""

import math

WIDTH, HEIGHT = 960, 470
INK, FAINT, GRID = "#1f2933", "#5f6c7b", "#d8dee6"
COLORS = {"sluice": "#0b7a75", "light": "#9aa5b1", "cdk": "#d9822b"}


def text(x, y, content, *, size=13, anchor="start", color=INK, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{color}" '
            f'font-weight="{weight}">{content}</text>')


def line(x1, y1, x2, y2, color=GRID, more=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" {more}/>'


def short(value):
    return f"{value / 1e6:.2f} M" if value >= 1e6 else f"{value / 1e3:,.0f} k" if value >= 1e4 else f"{value / 1e3:.1f} k"


def bars(ceiling, x, y, width):
    """Records a second of the best setting of each program, on a logarithmic scale."""
    best = {}
    for r in ceiling["rows"]:
        kind = r["case"].removeprefix("beside cdk ").split()[0]
        if kind in COLORS and not r["case"].startswith("beside cdk sluice"):
            key = r["pages"], kind
            best[key] = max(best.get(key, (0, "")), (r["records_per_s"]["median"], r["case"].split()[-1]))
    low, high = 1e3, 10 ** math.ceil(math.log10(max(v for v, _ in best.values())))

    def at(value):
        return x + 130 + (width - 200) * math.log(value / low) / math.log(high / low)

    out = [text(x, y, "Records a second, unlimited server", size=16, weight="bold"),
           text(x, y + 20, "best setting of each; logarithmic scale; records of 1 KB", size=12, color=FAINT)]
    for power in range(3, int(math.log10(high)) + 1):
        out += [line(at(10**power), y + 38, at(10**power), y + 372),
                text(at(10**power), y + 390, {3: "1 k", 4: "10 k", 5: "100 k", 6: "1 M", 7: "10 M"}[power], size=12,
                     anchor="middle", color=FAINT)]
    top = y + 50
    for stream, title in (("large", "pages of 1,000 records"), ("small", "pages of 20 records")):
        out.append(text(x, top + 12, title, weight="bold"))
        top += 24
        for kind, name, setting in (("light", "speed of light", "connections"), ("sluice", "Sluice", "pool"),
                                    ("cdk", "Python CDK", "level")):
            if (stream, kind) not in best:
                continue
            value, number = best[stream, kind]
            out += [text(x + 122, top + 20, name, anchor="end"),
                    f'<rect x="{at(low):.1f}" y="{top + 3:.1f}" width="{at(value) - at(low):.1f}" height="26" rx="2" '
                    f'fill="{COLORS[kind]}"/>',
                    text(at(value) + 6, top + 21, f'{short(value)} <tspan font-size="12" font-weight="normal" '
                         f'fill="{FAINT}">{setting} {number}</tspan>', weight="bold")]
            top += 38
        top += 22
    return out


def scaling(quota, x, y, width):
    """Pages a second against the pool, both on logarithmic scales, with the ideal as a line."""
    latency_s = 0.05
    points = {r["pool"]: (r["rate"]["median"], r["of_nominal"]["median"])
              for r in quota["latency"] + quota["many"] if r["latency_ms"] == latency_s * 1000}
    most = max(points)
    low, high = 10, 10 ** math.ceil(math.log10(most / latency_s))
    left, bottom, height = x + 48, y + 372, 322

    def px(pool):
        return left + 12 + (width - 82) * math.log(pool) / math.log(most)

    def py(rate):
        return bottom - height * math.log(rate / low) / math.log(high / low)

    out = [text(x, y, "Pages a second, 50 ms of latency", size=16, weight="bold"),
           text(x, y + 20, "line: pool ÷ latency; both scales logarithmic", size=12, color=FAINT)]
    for power in range(1, int(math.log10(high)) + 1):
        out += [line(left, py(10**power), px(most), py(10**power)),
                text(left - 8, py(10**power) + 4, f"{10**power:,}", size=12, anchor="end", color=FAINT)]
    out.append(line(px(1), py(1 / latency_s), px(most), py(most / latency_s), FAINT, 'stroke-width="1.5" stroke-dasharray="5 4"'))
    for pool, (rate, share) in sorted(points.items()):
        out += [f'<circle cx="{px(pool):.1f}" cy="{py(rate):.1f}" r="5" fill="{COLORS["sluice"]}"/>',
                text(px(pool) + 9, py(rate) + 15, f"{share:.0%}", size=12),
                text(px(pool), bottom + 18, f"{pool:,}", size=12, anchor="middle", color=FAINT)]
    out.append(text(px(most), bottom + 36, "pool", size=12, anchor="end", color=FAINT))
    return out


def draw(ceiling, quota):
    parts = bars(ceiling, 28, 44, 540) + scaling(quota, 600, 44, 340)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
            f'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif">\n'
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n")
