"""The way to the sign-in."""

import reflex as rx


class SignInLink(rx.Component):
    """A link to the sign-in, which leads back to the page."""

    library = "$/public/sign_in_link.jsx"
    tag = "SignInLink"
