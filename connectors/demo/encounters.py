"""Encounters of a made-up practice: realistic, repeatable, and with the mistakes that real ones have.

The same (count, seed) gives the same encounters. Nothing here is anybody's record.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from connectors.demo.catalogue import (
    LOCAL_DIAGNOSES,
    LOCAL_SERVICES,
    NDCS,
    NEW_PATIENT_CODES,
    PRICES,
    THERAPY,
    THERAPY_DAYS,
    VISITS,
    WORDS,
    Act,
    AgeBand,
    Visit,
)
from connectors.demo.flaws import FLAWS
from connectors.demo.people import (
    BILLING_PROVIDERS,
    CLIA_NUMBERS,
    CLINICIANS,
    HOSPITAL,
    LABORATORY_CODES,
    Chart,
    make_chart,
)
from schemas.encounter import Diagnosis, DocumentedFact, Encounter, Service

SOURCE_SYSTEM = "demo-ehr"
FIRST_DAY = date(2026, 1, 5)
DAY_COUNT = 266  # to the end of September 2026: one ICD-10-CM fiscal year
FLAW_SHARE = 0.06
LOCAL_CODE_SHARE = 0.12
RETURN_SHARE = 0.55  # visits by patients who were here before
RECENT_CHARTS = 5000  # patients who may return: bounds the memory of a long run
CHANGES_PER_THOUSAND = 15  # re-sent at the end: two of three corrected, one of three withdrawn
MAX_CHANGES = 1000


@dataclass
class _Practice:
    """What changes while encounters are made: the dice and the charts."""

    rng: random.Random
    seed: int
    charts: list[Chart]
    chart_count: int = 0


def generate_encounters(count: int, seed: int) -> Iterator[Encounter]:
    """`count` encounters in date order, then the few of them that the EHR sends again, corrected or withdrawn.

    Every encounter but the re-sent has its own `source_id`; from 20 encounters on at least one comes corrected and
    one withdrawn, and one has more lines than a professional claim may carry.
    """
    practice = _Practice(rng=random.Random(seed), seed=seed, charts=[])
    change_count = 0 if count < 20 else min(MAX_CHANGES, max(2, count * CHANGES_PER_THOUSAND // 1000))
    changed = set(practice.rng.sample(range(count), change_count))
    therapy_index = count // 2 if count >= 20 else None
    sent_before: list[Encounter] = []
    for index in range(count):
        day = FIRST_DAY + timedelta(days=index * DAY_COUNT // count)
        encounter = _make_encounter(practice, index, day, is_therapy=index == therapy_index)
        if index in changed:
            sent_before.append(encounter)
        yield encounter
    for position, encounter in enumerate(sent_before):
        yield _withdraw_encounter(encounter) if position % 3 == 1 else _correct_encounter(encounter)


def _make_encounter(practice: _Practice, index: int, day: date, *, is_therapy: bool) -> Encounter:
    rng = practice.rng
    chart = _choose_chart(practice, day, grown_only=is_therapy)
    visit = THERAPY if is_therapy else _choose_visit(rng, chart)
    sends_local_codes = rng.random() < LOCAL_CODE_SHARE
    diagnosis_codes = rng.choice(visit.diagnoses)
    is_new = visit.site == "clinic" and not chart.was_seen_at_clinic
    services = _make_services(visit, day, is_new, sends_local_codes)
    clinicians = CLINICIANS[visit.site]
    is_hospital = visit.site == "hospital"
    is_inpatient = visit.encounter_class == "inpatient"
    has_laboratory = any(act.code in LABORATORY_CODES for act in visit.acts)
    end = max(service.service_date_from for service in services)
    diagnoses = tuple(_make_diagnosis(code, sends_local_codes) for code in diagnosis_codes)
    encounter = Encounter(
        source_system=SOURCE_SYSTEM,
        source_id=f"E{practice.seed}-{index + 1:06d}",
        version="1",
        version_order="0000000001",
        encounter_class=visit.encounter_class,
        start_date=day,
        end_date=end,
        patient=chart.patient,
        coverages=chart.coverages,
        billing_provider=BILLING_PROVIDERS[visit.site],
        rendering_provider=rng.choice(clinicians) if clinicians else None,
        referring_provider=rng.choice(CLINICIANS["clinic"]) if visit.site in ("laboratory", "imaging") else None,
        service_facility=HOSPITAL if is_hospital else None,
        place_of_service=visit.place_of_service,
        prior_authorization_number=f"PA{rng.randrange(10**7, 10**8)}" if visit.needs_authorization else "",
        clia_number=CLIA_NUMBERS.get(visit.site, "") if has_laboratory else "",
        accident_date=day if visit.is_injury else None,
        admission_date=day if is_inpatient else None,
        discharge_date=end if is_inpatient else None,
        patient_paid_amount=_draw_copay(rng, chart, visit),
        diagnoses=diagnoses,
        services=services,
        documentation=_document_diagnoses(diagnoses, day),
    )
    chart.last_visit = end
    chart.was_seen_at_clinic |= visit.site == "clinic"
    if visit.once_a_year:
        chart.yearly_visits.add(visit.name)
    flaw = rng.choice(FLAWS) if rng.random() < FLAW_SHARE else None
    return flaw(encounter) if flaw else encounter


def _choose_chart(practice: _Practice, day: date, *, grown_only: bool) -> Chart:
    """A patient who was here before and not on this day, else a new one."""
    rng = practice.rng
    if practice.charts and not grown_only and rng.random() < RETURN_SHARE:
        chart = rng.choice(practice.charts)
        if chart.last_visit is None or chart.last_visit < day:
            return chart
    while True:
        practice.chart_count += 1
        chart = make_chart(rng, practice.seed, practice.chart_count)
        if not grown_only or chart.age_band != "child":
            break
    if len(practice.charts) < RECENT_CHARTS:
        practice.charts.append(chart)
    else:
        practice.charts[practice.chart_count % RECENT_CHARTS] = chart
    return chart


def _index_visits() -> dict[tuple[AgeBand, str], tuple[tuple[Visit, ...], tuple[int, ...]]]:
    """Visits and running weights for each age band and sex."""
    table = {}
    bands: tuple[AgeBand, ...] = ("child", "adult", "senior")
    for band in bands:
        for sex in ("F", "M"):
            visits = tuple(visit for visit in VISITS if band in visit.ages and visit.sex in ("", sex))
            table[band, sex] = visits, tuple(accumulate(visit.weight for visit in visits))
    return table


VISITS_BY_PATIENT = _index_visits()


def _choose_visit(rng: random.Random, chart: Chart) -> Visit:
    visits, weights = VISITS_BY_PATIENT[chart.age_band, chart.sex]
    while True:
        visit = rng.choices(visits, cum_weights=weights)[0]
        if visit.name not in chart.yearly_visits:
            return visit


def _make_services(visit: Visit, day: date, is_new: bool, sends_local_codes: bool) -> tuple[Service, ...]:
    """One service for each act; a hospital stay has one a day, a therapy series all of its acts every other day."""
    if visit is THERAPY:
        dated = [(act, day + timedelta(days=2 * turn)) for turn in range(THERAPY_DAYS) for act in visit.acts]
    elif visit.encounter_class == "inpatient":
        dated = [(act, day + timedelta(days=turn)) for turn, act in enumerate(visit.acts)]
    else:
        dated = [(act, day) for act in visit.acts]
    return tuple(
        _make_service(f"L{number}", act, on, is_new, sends_local_codes) for number, (act, on) in enumerate(dated, 1)
    )


def _make_service(line_id: str, act: Act, on: date, is_new: bool, sends_local_codes: bool) -> Service:
    code = NEW_PATIENT_CODES.get(act.code, act.code) if is_new else act.code
    if sends_local_codes and code in LOCAL_SERVICES:
        system, local_code = LOCAL_SERVICES[code]
        # The charge master prices a local code; modifiers that it does not carry stay the EHR's.
        modifiers = () if code == "87880" else act.modifiers
        return Service(
            line_id=line_id, system=system, code=local_code, description=WORDS.get(code, ""), modifiers=modifiers,
            units=Decimal(act.units), service_date_from=on, diagnosis_pointers=act.pointers, ndc=NDCS.get(code, ""),
        )  # fmt: skip
    return Service(
        line_id=line_id,
        system="HCPCS" if code[0].isalpha() else "CPT",
        code=code,
        description=WORDS.get(code, ""),
        modifiers=act.modifiers,
        units=Decimal(act.units),
        charge_amount=PRICES[code] * act.units,
        service_date_from=on,
        diagnosis_pointers=act.pointers,
        ndc=NDCS.get(code, ""),
    )


def _make_diagnosis(code: str, sends_local_codes: bool) -> Diagnosis:
    if sends_local_codes and code in LOCAL_DIAGNOSES:
        system, local_code = LOCAL_DIAGNOSES[code]
        return Diagnosis(system=system, code=local_code)
    return Diagnosis(system="ICD-10-CM", code=code)


def _document_diagnoses(diagnoses: tuple[Diagnosis, ...], day: date) -> tuple[DocumentedFact, ...]:
    """The problem list entry behind each diagnosis that the EHR codes in SNOMED."""
    return tuple(
        DocumentedFact(kind="condition", system=diagnosis.system, code=diagnosis.code, on=day)
        for diagnosis in diagnoses
        if diagnosis.system == "SNOMED"
    )


def _draw_copay(rng: random.Random, chart: Chart, visit: Visit) -> Decimal:
    is_commercial = chart.age_band == "adult" and chart.coverages[0].filing_indicator in ("CI", "12")
    if is_commercial and visit.site == "clinic" and not visit.once_a_year and rng.random() < 0.3:
        return Decimal("25.00")
    return Decimal("0.00")


def _withdraw_encounter(encounter: Encounter) -> Encounter:
    return encounter.replace(version="2", version_order="0000000002", status="entered-in-error")


def _correct_encounter(encounter: Encounter) -> Encounter:
    """The same visit with a second thought: a note, and one more diagnosis that was documented late."""
    added = Diagnosis(system="ICD-10-CM", code="Z79.899")
    changes = {
        "version": "2",
        "version_order": "0000000002",
        "note": "diagnosis added after review",
        "diagnoses": (*encounter.diagnoses, added),
    }
    return encounter.replace(**changes)
