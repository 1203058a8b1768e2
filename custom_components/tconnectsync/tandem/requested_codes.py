"""The event codes to request where Tandem does not return every event without a list of them."""

WEB_PAGE_CODES = (
    3, 4, 5, 6, 11, 12, 13, 14, 16, 20, 21, 26, 28, 33, 53, 55, 57, 59, 60, 61, 63, 64, 65, 66, 69,
    90, 99, 140, 171, 172, 191, 203, 212, 213, 214, 229, 230, 256, 279, 280, 307, 313, 369, 370, 371,
    372, 394, 399, 404, 405, 406, 447, 460, 461, 477, 480, 486, 558, 559, 562, 563, 564, 565, 566,
)  # fmt: skip
"""The event codes that Tandem's own page requests."""
