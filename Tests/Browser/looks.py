"""Checks that run in the page, on computed styles: what an eye or a screen reader would miss."""

# Every visible text that stands out from what is behind it by less than `arguments[0]`.
LOW_CONTRAST = """
const channels = (text) => {
    const numbers = text.match(/[\\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1 };
};
const over = (top, below) => top.rgb.map((c, i) => c * top.alpha + below[i] * (1 - top.alpha));
const background = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
        layers.push(channels(getComputedStyle(e).backgroundColor));
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
};
const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92
        : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
};
const visible = (e) => e.checkVisibility() && !e.closest('.visually-hidden, noscript');
const low = [];
const judge = (what, colour, behind, least) => {
    const found = ratio(over(channels(colour), behind), behind);
    if (found < least) low.push(`${what}: ${found.toFixed(2)}`);
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !visible(e)) continue;
    judge(node.data.trim(), getComputedStyle(e).color, background(e), 4.5);
}
for (const e of document.querySelectorAll('input')) {
    if (!visible(e)) continue;
    judge(e.id, getComputedStyle(e).color, background(e), 4.5);
    judge(`${e.id}'s placeholder`, getComputedStyle(e, '::placeholder').color, background(e), 4.5);
    judge(`${e.id}'s border`, getComputedStyle(e).borderTopColor, background(e.parentElement), 3);
}
const active = document.activeElement;
if (active.matches(':focus-visible') && active !== document.body) {
    const style = getComputedStyle(active);
    judge('focus', style.outlineColor, background(active.parentElement), 3);
}
return low;
"""

UNLABELLED = """
return [...document.querySelectorAll('input, button, a, select, textarea')]
    .filter((e) => !(e.labels?.length || e.textContent.trim() || e.ariaLabel))
    .map((e) => e.outerHTML);
"""

# What the parts of a page are called: a language, a title, one heading in sight, a main part.
STRUCTURE = """
const seen = (selector) => [...document.querySelectorAll(selector)]
    .filter((e) => e.checkVisibility());
const wrong = [];
if (!document.documentElement.lang) wrong.push('no language');
if (!document.title.trim()) wrong.push('no title');
if (seen('h1').length !== 1) wrong.push(`${seen('h1').length} headings`);
if (seen('main').length !== 1) wrong.push('no main part');
if (document.querySelector('img:not([alt])')) wrong.push('an image without alt');
if (document.querySelector('[tabindex]:not([tabindex="-1"], [tabindex="0"])')) {
    wrong.push('an order of its own for the tab key');
}
for (const e of seen('[aria-hidden=true] :is(input, button, a)')) wrong.push(e.outerHTML);
return wrong;
"""

# Fields that do not say, in words that browsers know, what a person is to put there.
WITHOUT_PURPOSE = """
return [...document.querySelectorAll('input')].filter((e) => !e.autocomplete).map((e) => e.id);
"""

# Attributes that name other elements, and elements that are not there.
DANGLING = """
return [...document.querySelectorAll('[aria-describedby], [aria-labelledby], label[for]')]
    .flatMap((e) => ['aria-describedby', 'aria-labelledby', 'for']
        .flatMap((name) => (e.getAttribute(name) ?? '').split(' ').filter(Boolean)))
    .filter((id) => !document.getElementById(id));
"""

DOUBLE_IDS = """
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
return ids.filter((id, i) => ids.indexOf(id) !== i);
"""

TOO_WIDE = """
return document.scrollingElement.scrollWidth - document.documentElement.clientWidth;
"""

OUTLINE = """
const style = getComputedStyle(document.activeElement);
return style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth);
"""

# Targets smaller than WCAG 2.2's 24 by 24.
SMALL_TARGETS = """
return [...document.querySelectorAll('button, input, a')].filter((e) => e.checkVisibility())
    .filter((e) => { const b = e.getBoundingClientRect(); return b.width < 24 || b.height < 24; })
    .map((e) => e.outerHTML);
"""


IS_DARK = """
const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
return r + g + b < 3 * 128;
"""


def faults(browser):
    """All that is wrong with the page as it stands, by the name of the check."""
    # Colours in between are nobody's.
    browser.until(lambda: browser.script("return document.getAnimations().length") == 0)
    checks = {"contrast": LOW_CONTRAST, "labels": UNLABELLED, "references": DANGLING,
              "ids": DOUBLE_IDS, "structure": STRUCTURE, "targets": SMALL_TARGETS}
    found = {name: browser.script(check) for name, check in checks.items()}
    found["width"] = browser.script(TOO_WIDE)
    return {name: fault for name, fault in found.items() if fault}
