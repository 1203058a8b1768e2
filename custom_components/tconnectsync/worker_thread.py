"""The one worker thread for everything that would block the event loop."""

from concurrent.futures import ThreadPoolExecutor

from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

WORKER_THREAD: HassKey[ThreadPoolExecutor] = HassKey(f"{DOMAIN}_worker_thread")


@callback
def async_worker_thread(hass: HomeAssistant) -> ThreadPoolExecutor:
    """Return the thread that all accounts share, which ends with Home Assistant once its work is done.

    The C library keeps freed memory for each thread separately: logs read in changing threads of
    Home Assistant's pool would leave memory behind in each of them, 10 MB in all.
    """
    if (worker := hass.data.get(WORKER_THREAD)) is None:
        worker = ThreadPoolExecutor(1, thread_name_prefix=DOMAIN)
        hass.data[WORKER_THREAD] = worker

        async def shut_down(event: Event) -> None:
            await hass.async_add_executor_job(worker.shutdown)

        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, shut_down)
    return worker
