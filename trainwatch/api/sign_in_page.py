"""The page to sign in: plain HTML and one script, so that nothing of the page itself is sent to strangers."""

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in · TrainWatch</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="theme-color" content="#fafafb" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0b0c0f" media="(prefers-color-scheme: dark)">
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
<link rel="preload" href="/inter.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="/styles/base.css">
<link rel="stylesheet" href="/styles/parts.css">
<link rel="stylesheet" href="/styles/forms.css">
<link rel="stylesheet" href="/styles/sign_in.css">
<script src="/sign_in.js"></script></head>"""

_LOGO = """<svg viewBox="0 0 22 22" width="34" height="34" fill="none" aria-hidden="true">
<path d="M3.5 5.2c1.2 7 4.6 10.4 14.6 11" class="logo-curve"/><circle cx="16.4" cy="6.4" r="2.5" class="logo-eye"/>
</svg>"""

_BY_LINK = """<section class="door-way">
<h2>With a one-time link</h2>
<p id="how">On the machine that runs the server, type this, with the
<code>--data-dir</code> of the server if it was given one. The link that it prints works once, for 10 minutes.</p>
<div class="door-command"><code data-part="command">trainwatch login-link</code>
<button type="button" class="button is-small" data-part="copy" aria-live="polite">Copy</button></div>
</section>"""

_BY_FORM = """<form class="door-way" data-part="form" novalidate>
<h2>With a password</h2>
<label class="field"><span>Name</span>
<input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="64"></label>
<label class="field"><span>Password</span>
<input name="password" type="password" autocomplete="current-password" maxlength="1000"></label>
<p class="problem" data-part="problem" role="alert" hidden></p>
<button class="button is-primary is-wide">Sign in</button>
</form>"""

_STAY = """<p class="door-stay"><a href="/" data-next>Go on without signing in</a>
<span>You can look, report, edit titles and run simulated jobs.</span></p>"""


def sign_in_page(*, has_passwords: bool, may_stay_anonymous: bool) -> str:
    """Return the HTML; the script finds out what the address says, and never shows it to anybody.

    `has_passwords` if somebody has one, `may_stay_anonymous` if the caller may look without a sign-in.
    """
    ways = (_BY_FORM if has_passwords else "") + _BY_LINK
    return f"""{_HEAD}
<body class="door"><main class="door-card card">
<header>{_LOGO}<h1 data-part="title" tabindex="-1">Sign in to TrainWatch</h1></header>
<p class="door-waiting" role="status">Signing in…</p>
<div class="door-ways">
<p class="door-note" data-part="ended" role="status" hidden>Your session has ended or was revoked. Sign in again to go on.</p>
<p class="problem" data-part="refusal" role="alert" hidden></p>
{ways}
</div>
</main>{_STAY if may_stay_anonymous else ""}
<noscript><p class="door-stay">Signing in needs JavaScript.</p></noscript></body></html>
"""
