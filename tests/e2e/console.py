"""What the browser's console says about the integration."""

from playwright.async_api import ConsoleMessage, Error, Page

OURS = "tconnectsync"
BAD = {"error", "warning"}


def watch(page: Page, complaints: list[str]) -> None:
    """Note every error and warning of a page that names the integration or one of its files."""

    def note_message(message: ConsoleMessage) -> None:
        text = f"{message.type}: {message.text} ({message.location['url']})"
        if message.type in BAD and OURS in text:
            complaints.append(text)

    def note_error(error: Error) -> None:
        if OURS in f"{error} {error.stack}":
            complaints.append(f"not caught: {error} {error.stack}")

    page.on("console", note_message)
    page.on("pageerror", note_error)
