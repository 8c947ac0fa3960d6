"""Who is signed in, with a menu; or the way to sign in. Leaves for it when the session ends."""

import reflex as rx
from reflex.vars import StringVar
from reflex_components_core.core.banner import has_connection_errors

from trainwatch.ui import routes
from trainwatch.ui.browser.navigation import link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.script import function, handler, hook
from trainwatch.ui.components.menu import Menu
from trainwatch.ui.components.sign_in_link import SignInLink
from trainwatch.ui.state.live import Live
from trainwatch.ui.state.visitor import Visitor


@part
def account() -> rx.Component:
    """Takes its room from the start, so that nothing moves when it is known."""
    use = function("account.js", "useSignIn")
    signs_in: StringVar[str] = hook(
        use.call(Live.door, has_connection_errors, Visitor.known, Visitor.signed_in), str
    )
    name = rx.Var.create(Visitor.name).to(str)
    face = rx.fragment(
        rx.el.span(name[0], class_name="account-mark", aria_hidden="true"),
        rx.el.span(name, class_name="account-name"),
    )
    menu = Menu.create(
        link("Settings", to=routes.SETTINGS, role="menuitem"),
        rx.el.button("Sign out", type="button", role="menuitem", on_click=sign_out()),
        label=f"Account of {name}",
        class_name="account-chip",
        face=face,
    )
    awaited = rx.cond(Visitor.known, "", "is-awaited")
    sign_in = SignInLink.create("Sign in", class_name=f"button {awaited}")
    return rx.el.div(rx.cond(Visitor.signed_in, menu, sign_in), class_name=f"account{signs_in}")


def sign_out() -> rx.Var:
    """Return a handler that ends the session."""
    return handler(function("account.js", "signOut").call())
