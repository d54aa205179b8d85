"""The demo's company: two shops' worth of tests, with everything in them that makes migrations go wrong."""

from connectors.qacomplete.sandbox.data import Folder, Project, SeedData, Step, Test, User

SHOP, APP, OLD = 12, 13, 14
_WORD = (
    '<p class="MsoNormal" style="margin:0cm"><b><span lang="EN-US">Paste from Word:</span></b><o:p></o:p></p>'
    "<!--[if gte mso 9]><xml><w:WordDocument></w:WordDocument></xml><![endif]-->"
    '<p class="MsoNormal">The invoice shows&nbsp;the VAT number.<o:p></o:p></p>'
)
_TABLE = (
    "<p>Prices to check:</p><table><tr><th>Article</th><th>Price</th></tr>"
    "<tr><td>Tea</td><td>4.20 €</td></tr><tr><td>Coffee</td><td>5.90 €</td></tr></table>"
)
_IMAGE = '<p>It looks like this: <img src="https://qa.acme.example/images/basket.png" alt="a full basket"></p>'


def demo_data() -> SeedData:
    """Return a new copy; changing it changes nobody else's."""
    data = SeedData(projects=_projects(), users=_users(), folders=_folders())
    data.tests = [*_shop_tests(), *_monsters(), *_app_tests()]
    return data


def _projects() -> list[Project]:
    return [
        Project(SHOP, "Web shop"),
        Project(APP, "Mobile app"),
        Project(OLD, "Till software (retired)", active=False),
    ]


def _users() -> list[User]:
    return [
        User(1, "Ada", "Berg", "ada.berg@acme.example"),
        User(2, "Jon", "Vik", "jon.vik@acme.example"),
        User(3, "Zoë", "Łukasiewicz", "zoe@acme.example"),
    ]


def _folders() -> list[Folder]:
    shop = [
        (101, "Checkout", 0), (102, "Payment", 101), (103, "Vouchers", 101), (104, "Catalogue", 0), (105, "Search", 104),
        (106, "Returns / refunds", 0), (107, "  Invoices ", 0), (108, "", 0), (109, "Payment", 101),
        (110, "payment", 101), (111, "L" + "o" * 300 + "ng", 0), (112, "日本語", 104), (113, "Lost", 999),
    ]  # fmt: skip
    found = [Folder(ident, SHOP, title, parent) for ident, title, parent in shop]
    found += [Folder(114, SHOP, "Old ideas", active=False)]
    found += [Folder(115, SHOP, "Ring A", 116), Folder(116, SHOP, "Ring B", 115)]
    app = [Folder(201, APP, "Onboarding"), Folder(202, APP, "Offline", 201), Folder(203, APP, "Push messages")]
    return found + app


def _steps(first: int, *pairs: tuple[str | None, str | None]) -> list[Step]:
    return [Step(first + number, number + 1, action, expected) for number, (action, expected) in enumerate(pairs)]


def _shop_tests() -> list[Test]:
    titles = {
        101: ("Order as a guest", "Order as a known customer", "Change the delivery address", "Leave and come back"),
        102: ("Pay by card", "Pay on account", "Pay with a gift card", "Card is declined", "Pay in another currency"),
        103: ("Redeem a voucher", "Voucher has expired", "Two vouchers at once", "Voucher above the order's value"),
        104: ("Open a product", "Compare two products", "Product is sold out", "Zoom into a picture"),
        105: ("Find by name", "Find by number", "Nothing is found", "Filter by price", "Sort by rating"),
        106: ("Send an article back", "Refund to a card", "Return after the period", "Return without a receipt"),
        107: ("Download an invoice", "Invoice to another address", "Invoice with two tax rates"),
    }
    tests: list[Test] = []
    for folder, names in titles.items():
        tests += [_shop_test(1001 + len(tests) + number, folder, name) for number, name in enumerate(names)]
    return tests


def _shop_test(ident: int, folder: int, title: str) -> Test:
    priorities, types = ("1-High", "2-Medium", "3-Low"), ("Functional", "Regression", "Smoke")
    return Test(
        id=ident,
        project_id=SHOP,
        title=title,
        folder_id=folder,
        description=f"Goal: {title.lower()}.\nUse the test shop, not the live one.",
        priority=priorities[ident % 3],
        test_type=types[ident % 3],
        create_user_id=1 + ident % 3,
        owner_user_id=2,
        owner_name="Vik, Jon ",
        custom_fields=[("Custom1", "Component", "Shop front"), ("Custom4", "Ticket", f"SHOP-{ident}")],
        steps=_steps(
            ident * 10,
            ("Open the shop and sign in", "The start page greets the customer"),
            (f"<p>{title}: follow the page from top to bottom</p>", "<p>Every field accepts <b>valid</b> input</p>"),
            ("Look at the confirmation", "Number, date & sum are right"),
        ),
    )


def _monsters() -> list[Test]:
    """Return tests with what people really paste into such systems (§9.6)."""
    tests = [
        ("Word was here", _WORD),
        ("Price table", _TABLE),
        ("With a picture", _IMAGE),
        ("Links", '<p>See <a href="https://wiki.acme.example/pay">the wiki</a>, <a href="results#add">here</a>'
         ' or <a href="javascript:alert(1)">there</a>.</p>'),
        ("Plain &amp; simple: 3 &lt; 4", "if a < b & c > d then\n\n  stop"),
        ("Emoji 🧪 und Ümläute, 日本語, עברית", "<p>🧪 עברית and English</p>"),
        ("Script", "<p>before<script>alert('x')</script> after</p>"),
        ("Control\x0bcharacters\x1f", "bell\x07 inside"),
        ("T" * 255, None),
        ("   ", "a title of blanks"),
        ("Broken markup", "<p>one<li>two<b>three</p> four &unknown; five"),
    ]  # fmt: skip
    found = [
        Test(
            2001 + number,
            SHOP,
            title,
            folder_id=114,
            description=text,
            steps=_steps(30_000 + number * 100, ("do", "ok")),
        )
        for number, (title, text) in enumerate(tests)
    ]
    return found + _odd_tests()


def _odd_tests() -> list[Test]:
    sixty = _steps(40_000, *[(f"Press key {number}", f"Key {number} is shown") for number in range(60)])
    return [
        Test(2101, SHOP, "No steps at all", folder_id=104),
        Test(2102, SHOP, "Sixty steps", folder_id=105, steps=sixty),
        Test(2103, SHOP, "At the root", steps=_steps(50_000, ("Open", "Opens"))),
        Test(2104, SHOP, "In a folder nobody lists", folder_id=777, folder_name="Private notes"),
        Test(2105, SHOP, "Retired", folder_id=114, active=False, steps=_steps(50_100, ("Look back", None))),
        Test(2106, SHOP, "Odd priority", folder_id=101, priority="P1 - urgent"),
        Test(2107, SHOP, "No priority", folder_id=101, priority=None, test_type=None),
        Test(2108, SHOP, "Half steps", folder_id=101, steps=_steps(50_200, (None, "Only a result"), ("Only an action", None))),
        Test(2109, SHOP, "Steps out of order", folder_id=101, steps=_steps(50_300, ("first", ""), ("second", ""))[::-1]),
        Test(2110, SHOP, "An empty step between", folder_id=101, steps=_steps(50_400, ("a", "b"), (None, None), ("c", "d"))),
        Test(2111, SHOP, "Critical step", folder_id=102, steps=[Step(50_500, 1, "Pay", "Paid", critical=True)]),
        Test(2112, SHOP, "Never dated", folder_id=102, date_created="0001-01-01T00:00:00.0000000"),
        Test(2113, SHOP, "Counts one step too many", folder_id=102, claimed_steps=2, steps=_steps(50_600, ("one", "1"))),
        Test(2114, SHOP, "A long field", folder_id=103, custom_fields=[
            ("Custom2", "Background", "<p>" + "Once upon a time. " * 60 + "</p>"), ("Custom3", "Empty", "")]),
        Test(2115, SHOP, "In a ring", folder_id=115),
    ]  # fmt: skip


def _app_tests() -> list[Test]:
    names = {
        201: ("First start", "Sign in with a code", "Skip the tour", "Allow notifications"),
        202: ("Airplane mode", "Sync after a day", "Conflict between phone and web"),
        203: ("Tap a message", "Mute for an hour"),
    }
    tests: list[Test] = []
    for folder, titles in names.items():
        for title in titles:
            ident = 3001 + len(tests)
            steps = _steps(ident * 10, ("Start the app", "It starts within two seconds"), (title, "As designed"))
            tests.append(Test(ident, APP, title, folder_id=folder, description=f"<p>{title}</p>", steps=steps))
    return tests
