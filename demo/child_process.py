"""End processes of one's own."""

from asyncio.subprocess import Process


async def kill(process: Process | None) -> None:
    """End a process at once, as a power cut would, unless it has ended already."""
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()
