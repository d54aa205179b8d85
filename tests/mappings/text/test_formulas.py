"""Formulas of KaTeX, MathJax and MathML: their copies arrive once, in one readable line, and a note holds the rest."""

import pytest

from mappings.text.richtext import to_html
from mappings.text.setting import Setting
from migrator.core.model import RichText
from migrator.core.notes import NoteCode
from migrator.core.text import visible_text

HALF = "<mi>x</mi><mo>=</mo><mfrac><mn>1</mn><mn>2</mn></mfrac>"
SOURCE = '<annotation encoding="application/x-tex">x=\\frac{1}{2}</annotation>'
MATH = f'<math xmlns="http://www.w3.org/1998/Math/MathML"><semantics><mrow>{HALF}</mrow>{SOURCE}</semantics></math>'
DRAWN = '<span class="base"><span class="mord mathnormal">x</span><span class="mrel">=</span><span>1</span>2</span>'
KATEX = (
    f'<span class="katex"><span class="katex-mathml">{MATH}</span>'
    f'<span class="katex-html" aria-hidden="true">{DRAWN}</span></span>'
)
MATHJAX_2 = (
    '<span class="MathJax_Preview"></span><span class="MathJax" tabindex="0">'
    f'<nobr aria-hidden="true"><span class="math">x=12</span></nobr><span class="MJX_Assistive_MathML">'
    f"<math xmlns='m'>{HALF}</math></span></span>"
)
MATHJAX_3 = (
    '<mjx-container class="MathJax"><mjx-math class="MJX-TEX" aria-hidden="true"><mjx-mi>x</mjx-mi></mjx-math>'
    f"<mjx-assistive-mml><math xmlns='m'>{HALF}</math></mjx-assistive-mml></mjx-container>"
)


@pytest.mark.parametrize(
    ("formula", "seen"),
    [
        (KATEX, "x=\\frac{1}{2}"),
        (f'<span class="katex-display">{KATEX}</span>', "x=\\frac{1}{2}"),
        (f'<span class="ql-formula" data-value="x=1">\ufeff<span>{KATEX}</span></span>', "\ufeffx=\\frac{1}{2}"),
        (MATH, "x=\\frac{1}{2}"),
        (MATHJAX_2, "x=1/2"),
        (MATHJAX_3, "x=1/2"),
        (f"<math xmlns='m'>{HALF}</math>", "x=1/2"),
        ("<math alttext='x^{2}'><msup><mi>x</mi><mn>2</mn></msup></math>", "x^{2}"),
        ("<math xmlns='m'><msup><mi>x</mi><mn>2</mn></msup></math>", "x^2"),
        ("<math xmlns='m'><msup><mrow><mi>x</mi><mo>+</mo><mn>1</mn></mrow><mn>2</mn></msup></math>", "(x+1)^2"),
        ("<math xmlns='m'><msubsup><mi>x</mi><mn>1</mn><mi>n</mi></msubsup></math>", "x_1^n"),
        ("<math xmlns='m'><msqrt><mi>x</mi><mo>+</mo><mn>1</mn></msqrt></math>", "√(x+1)"),
    ],
)
@pytest.mark.parametrize("place", ["<p>Check {} now</p>", "<ul><li>Check {} now</li></ul>"])
def test_a_formula_arrives_once_in_a_readable_line(place: str, formula: str, seen: str) -> None:
    result = to_html(RichText(value=place.format(formula)))
    assert visible_text(result.html) == f"Check {seen} now"
    assert NoteCode.CONTENT_MISSING not in {loss.code for loss in result.losses}
    held = " ".join(loss.original for loss in result.losses if loss.code == NoteCode.MARKUP_REMOVED)
    assert "</math>" in held
    assert "aria-hidden" not in formula or 'aria-hidden="true"' in held


@pytest.mark.parametrize("keeps", [False, True])
def test_formulas_in_cells_arrive_once(keeps: bool) -> None:
    result = to_html(RichText(value=f"<table><tr><td>{KATEX}</td><td>{KATEX}</td></tr></table>"), Setting(tables=keeps))
    assert visible_text(result.html).count("x=") == 2
    assert NoteCode.CONTENT_MISSING not in {loss.code for loss in result.losses}


def test_words_in_a_class_of_that_name_stay_words() -> None:
    result = to_html(RichText(value='<p>a <span class="katex">b <b>c</b></span> d</p>'))
    assert result.html == "<p>a b <b>c</b> d</p>"
