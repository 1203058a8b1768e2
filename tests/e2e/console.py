"""Messages of the browser's console about the integration."""

from playwright.async_api import ConsoleMessage, Error, Page

OURS = "tconnectsync"
BAD = {"error", "warning"}


def watch(page: Page, said: list[str]) -> None:
    """Record every error and warning of a page."""

    def note_message(message: ConsoleMessage) -> None:
        if message.type in BAD:
            said.append(f"{message.type}: {message.text} ({message.location['url']})")

    def note_error(error: Error) -> None:
        said.append(f"not caught: {error} {error.stack}")

    page.on("console", note_message)
    page.on("pageerror", note_error)


def complaints(said: list[str]) -> list[str]:
    """Return the messages that name the integration or one of its files."""
    return [text for text in said if OURS in text]
