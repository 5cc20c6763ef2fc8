"""Small books the federal files need to be read (перекодировки): results and purposes of examinations,
territories of insurance. Written here because a file must be readable before any book is loaded.
"""

from __future__ import annotations

#: (kind of examination, RSLT_D of V017) → result V009 of the same meaning
_GROUPS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "adult": (
        {
            "1": "317", "2": "318", "3": "319", "31": "355", "32": "356", "11": "352",
            "12": "353", "13": "354", "14": "357", "15": "358", "16": "359", "33": "357",
            "34": "358", "35": "375", "36": "376", "37": "377", "38": "378", "39": "379",
        },
        ("ДВ", "УД", "ДР"),
    ),
    "checkup": ({"1": "343", "2": "344", "3": "345", "31": "373", "32": "374"}, ("ОПВ",)),
    "orphans": (
        {
            "1": "321", "2": "322", "3": "323", "4": "324", "5": "325",
            "12": "365", "13": "366", "19": "366", "17": "367", "18": "368",
        },
        ("ДС1", "ДС3"),
    ),
    "guarded": (
        {
            "1": "347", "2": "348", "3": "349", "4": "350", "5": "351",
            "12": "369", "13": "370", "19": "370", "17": "371", "18": "372",
        },
        ("ДС2", "ДС4"),
    ),
    "minors": (
        {
            "1": "332", "2": "333", "3": "334", "4": "335", "5": "336",
            "12": "361", "13": "362", "19": "362", "17": "363", "18": "364",
        },
        ("ПН", "ОН"),
    ),
}  # fmt: skip


def examination_result(disp: str, rslt_d: str) -> str:
    """Return V009 for the health group RSLT_D of an examination (результат), «» if none is known."""
    for results, prefixes in _GROUPS.values():
        if disp.startswith(prefixes):
            return results.get(rslt_d, "")
    return ""


def examination_purpose(disp: str) -> str:
    """Return V025: 2.2 диспансеризация, 2.1 профосмотр (product.md §11.2)."""
    return "2.1" if disp.startswith(("ОПВ", "ПН", "ОН")) else "2.2"


#: OKATO of a territory of insurance → its number in the federal books (F010)
_OKATO = (
    "01790 02800 03810 04840 05820 06260 07830 08850 09910 10860 11870 12880 13890 14980 15900 "
    "16920 17930 18940 19950 20960 21970 22010 23030 24040 25050 26070 27080 28100 29110 30120 "
    "31140 32150 33170 34180 35190 36200 37240 38250 39270 40290 41300 42320 43330 44340 45370 "
    "46380 47410 48420 49440 50460 51470 52220 53490 54500 55520 56530 57540 58560 59570 60580 "
    "61600 62610 63360 64630 65640 66650 67660 68680 69280 70690 71700 72710 73730 74750 75760 "
    "76780 77450 78400 79990 82770 84550"
)
_REGIONS = {pair[2:4]: pair[:2] for pair in _OKATO.split()} | {
    "11100": "80", "71100": "81", "71140": "83", "35": "85", "67": "86",
}  # fmt: skip


def region_of(smo: str, okato: str) -> str:
    """Return two digits of the territory of insurance, «» when nothing tells it."""
    if len(smo) == 5 and smo.isdigit():
        return smo[:2]
    return _REGIONS.get(okato[:5]) or _REGIONS.get(okato[:2], "")
