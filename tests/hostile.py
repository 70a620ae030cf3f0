"""Texts that a stranger's file may hold to run, fetch, hide or forge something."""

from typing import NamedTuple


class Hostile(NamedTuple):
    """
    A text, what it is called in the names of tests, and where it may come from.

    ``origin``: ``cell`` of a raw file, or a heading of its columns; ``file``, a name of one;
    ``toml``, what a person writes in source.toml, claims.toml, appendix.toml or appendix.md;
    ``any`` of them.
    """

    name: str
    text: str
    origin: str = "cell"


MARK = "window.ran"
"""What a script of these sets in a browser."""

HOSTILE = (
    # Pages
    Hostile("script", "<script>window.ran = 1</script>"),
    Hostile("handler", "<img src=x onerror='window.ran = 2'>"),
    Hostile("handler-in-quotes", '" onmouseover="window.ran = 3" a="', "toml"),
    Hostile("svg", "<svg onload=window.ran=4>"),
    Hostile(
        "closing", "</script></style></textarea></title></table>--><script>window.ran=5</script>"
    ),
    Hostile("closing-cdata", "]]><script>window.ran=6</script>", "toml"),
    Hostile("address", "javascript:window.ran=7", "toml"),
    Hostile("entity", "&lt;script&gt; &amp; &#60; &unknown;"),
    Hostile("frame", '<iframe src="file:///etc/passwd"></iframe>'),
    Hostile("fetched", '<link rel=stylesheet href="http://127.0.0.1:9/a.css">', "toml"),
    Hostile("comment", "<!-- hidden"),
    # Templates
    Hostile("jinja", "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "toml"),
    Hostile("jinja-block", "{% include '/etc/passwd' %}", "toml"),
    Hostile("jinja-comment", "{# a #} {## b ##}", "toml"),
    Hostile("python-format", "{0.__class__} {name!r} %(a)s %n %s ${HOME}"),
    # Pandoc's Markdown
    Hostile("raw-block", "```{=html}\n<script>window.ran=8</script>\n```", "toml"),
    Hostile("raw-inline", '`<b>`{=html} `#read("a")`{=typst}'),
    Hostile("image", "![a](/etc/hostname){.inline-svg}", "toml"),
    Hostile("link", "[a](javascript:window.ran=9)", "toml"),
    Hostile("attributes", '[a]{onclick="window.ran=10"}', "toml"),
    Hostile("front-matter", "---\ncss: http://127.0.0.1:9/a.css\n...\n", "toml"),
    Hostile("front-matter-end", "...", "toml"),
    Hostile("rule", "---"),
    Hostile("div", "::: {.html-only}"),
    Hostile("citation", "@key [@a; -@b] [^1]"),
    Hostile("table", "a | b || c \\| d"),
    Hostile("heading", "# a"),
    Hostile("item", "1. a"),
    Hostile("item-dash", "- a"),
    Hostile("code-block", "    a"),
    Hostile("math", "$x^2$ \\(a\\) $$b$$"),
    Hostile("bold", "[bold red]a[/bold red] [/] :smile:"),
    # TeX and Typst
    Hostile("tex-input", r"\input{/etc/passwd}"),
    Hostile("tex-write", r"\immediate\write18{touch a}"),
    Hostile("tex-carets", "^^5cinput{/etc/passwd}"),
    Hostile("tex-special", r"a & b % c # d _ e { f } g ~ h ^ i $ j"),
    Hostile("typst-read", '#read("/etc/passwd")'),
    Hostile("typst-eval", '#eval("1+1") #import "a.typ": *', "toml"),
    Hostile("typst-markup", "*a* _b_ `c` $d$ <e> @f // g /* h */ = i"),
    Hostile("brackets", "]) [( }{ ][ )"),
    # Spreadsheets
    Hostile("formula", "=1+1"),
    Hostile("formula-plus", "+1+cmd|' /C calc'!A0"),
    Hostile("formula-minus", "-2+3"),
    Hostile("formula-at", "@SUM(1+1)*cmd|' /C calc'!A0"),
    Hostile("formula-tab", "\t=1+1"),
    Hostile("formula-return", "\r=1+1"),
    Hostile("formula-line", "\n=1+1"),
    Hostile("formula-link", '=HYPERLINK("http://127.0.0.1:9/?"&A1,"a")'),
    Hostile("formula-quoted", '"=1+1",=1+1'),
    # Terminals
    Hostile("colour", "\x1b[31mred\x1b[0m", "any"),
    Hostile("clear", "\x1b[2J\x1b[H", "any"),
    Hostile("terminal-link", "\x1b]8;;http://127.0.0.1:9/\x1b\\a\x1b]8;;\x1b\\", "any"),
    Hostile("clipboard", "\x1b]52;c;Y3VybA==\x07", "any"),
    Hostile("title-of-window", "\x1b]0;a\x07", "any"),
    Hostile("c1", "\x9b31m \x9d0;a\x9c", "any"),
    Hostile("nul", "a\x00b", "any"),
    Hostile("bell", "a\x07b", "any"),
    Hostile("backspace", "evil\x08\x08\x08\x08good", "any"),
    Hostile("return", "evil\rgood", "any"),
    Hostile("delete", "a\x7fb", "any"),
    Hostile("feeds", "a\x0bb\x0cc\x1cd\x1ee\x85f", "any"),
    # What a reader does not see
    Hostile("override", "\u202eevitagen\u202c", "any"),
    Hostile("embeddings", "\u202aa\u202b b\u202d c\u202c", "any"),
    Hostile("isolates", "\u2066a\u2067b\u2068c\u2069", "any"),
    Hostile("zero-width", "a\u200bb\ufeffc\u2060d", "any"),
    Hostile("no-characters", "a\ufffeb\uffffc", "any"),
    Hostile("separators", "a\u2028b\u2029c", "any"),
    Hostile("surrogate", "a\ud800b", "any"),
    Hostile("surrogate-pair", "\udcff.csv", "any"),
    Hostile("decomposed", "Co\u0302te d\u2019Ivoire", "any"),
    Hostile("homoglyph", "I\u0455rael", "any"),
    # Lines, quotes, names
    Hostile("lines", "a\nb\r\nc", "toml"),
    Hostile("forged-error", "a\nerror: the build failed", "toml"),
    Hostile("forged-toml", 'a"\n[study.parameters]\nb = "c', "file"),
    Hostile("quotes", "'\" \"\"\" ''' \u201d \u201c"),
    Hostile("backslash", "a\\"),
    Hostile("backslash-quote", '\\" \\n \\u0041'),
    Hostile("shell", "$(touch ran) `touch ran`; touch ran & | touch ran", "file"),
    Hostile("path", "../../../etc/passwd", "file"),
    Hostile("path-absolute", "/etc/passwd", "file"),
    Hostile("path-windows", "C:\\Windows\\CON", "file"),
    Hostile("python", "'''\nimport os\n'''", "file"),
    Hostile("empty-looking", "\u00a0 \t "),
    Hostile("long", "long " * 4000),
    Hostile("long-word", "w" * 4000),
)

REAL = (
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with the joiner that it needs
    "\u05d0\u05d1\u05d2\u200f (a)",  # Hebrew, with a mark of direction
    "C\u00f4te d\u2019Ivoire",
    "\u0540\u0561\u0575\u0561\u057d\u057f\u0561\u0576",
    "Israel\u00a0\u2013 Iran",
)
"""Names as statistics offices write them, which stay as they are."""
