"""Place-of-service codes for professional claims, out of the box: CMS's code set, the words our own.

A `place_of_service` file of the user's replaces this table. Source: CMS, Place of Service Code Set.
"""

from datetime import date

from schemas.codesets import DatedCode

_WORDS = {
    "01": "pharmacy", "02": "telehealth away from home", "03": "school", "04": "homeless shelter",
    "05": "Indian Health Service, free-standing", "06": "Indian Health Service, provider-based",
    "07": "Tribal 638, free-standing", "08": "Tribal 638, provider-based", "09": "prison or jail",
    "10": "telehealth at home", "11": "office", "12": "home", "13": "assisted living", "14": "group home",
    "15": "mobile unit", "16": "temporary lodging", "17": "walk-in retail clinic", "18": "worksite",
    "19": "off-campus outpatient hospital", "20": "urgent care", "21": "inpatient hospital",
    "22": "on-campus outpatient hospital", "23": "emergency room", "24": "ambulatory surgical center",
    "25": "birthing center", "26": "military treatment facility", "27": "outreach site or street",
    "31": "skilled nursing facility", "32": "nursing facility", "33": "custodial care", "34": "hospice",
    "41": "ambulance, land", "42": "ambulance, air or water", "49": "independent clinic",
    "50": "federally qualified health center", "51": "inpatient psychiatric facility",
    "52": "psychiatric partial hospitalization", "53": "community mental health center",
    "54": "intermediate care for intellectual disabilities", "55": "residential substance abuse treatment",
    "56": "psychiatric residential treatment", "57": "non-residential substance abuse treatment",
    "58": "opioid treatment program", "60": "mass immunization center", "61": "inpatient rehabilitation",
    "62": "outpatient rehabilitation", "65": "end-stage renal disease treatment", "66": "PACE center",
    "71": "public health clinic", "72": "rural health clinic", "81": "independent laboratory", "99": "other place",
}  # fmt: skip
_BEGAN = {"10": date(2022, 1, 1), "27": date(2023, 10, 1), "58": date(2020, 1, 1), "66": date(2024, 8, 1)}

PLACES = {code: DatedCode(code, words, _BEGAN.get(code), None, "built in") for code, words in _WORDS.items()}
