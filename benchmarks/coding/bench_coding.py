"""Encounters judged a second on one core, with full-size CMS tables of synthetic codes.

`make bench-coding`. Prints what it measures: the load of 4.5 million PTP rows, look-ups, memory, encounters (4 lines
each) judged a second, and the ratio to only decoding the same encounters' JSON. The aims: load under 2 minutes and
300 MB, a pair under 5 microseconds, 8,000 encounters a second, at most 4 times the decode. Look-ups and judging are in
processor time, which other work on the machine disturbs less than the wall clock.
"""

import multiprocessing
import random
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.coding.make_tables import PTP_ROWS, make_codes, write_mue, write_pfs, write_ptp
from connectors.codesets import InstalledCodeSets, load_files, open_codesets
from processors.coding.edits import checks_for, judge_encounter
from schemas.encounter import Address, CodedDiagnosis, CodedEncounter, CodedLine, Coverage, Patient, Provider
from schemas.history import PatientHistory, add_encounter

DAY = date(2026, 11, 3)
ENCOUNTERS = 4_000
DIAGNOSES = ("E1165", "I10", "J069", "M5459", "Z7984", "E785", "N1830", "K219", "F329", "R0602")


def make_encounters(codes: list[str]) -> list[CodedEncounter]:
    """Visits of 4 lines and 3 diagnoses; most are clean, as in practice."""
    dice = random.Random(9)
    address = Address(line1="1 MAIN ST", city="SPRINGFIELD", state="IL", postal_code="62701")
    doctor = Provider(name="DOE", npi="1234567893", tax_id="123456789", taxonomy="207Q00000X", address=address)
    # Laboratory tests would lack a CLIA number, and male surgery a man.
    codes = [code for code in codes if not ("54000" <= code <= "55899" or "80000" <= code <= "89999")]
    made = []
    for number in range(ENCOUNTERS):
        lines = tuple(
            CodedLine(
                number=n,
                line_id=f"L{n}",
                code_system="CPT",
                code=code,
                units=Decimal(1),
                charge_amount=Decimal("120.00"),
                service_date_from=DAY,
                service_date_to=DAY,
                diagnosis_pointers=(1, 2),
                place_of_service="11",
            )
            for n, code in enumerate(dice.sample(codes, 4), 1)
        )
        patient = Patient(
            id=f"P{number}", family_name="DOE", given_name="JANE", birth_date=date(1960, 1, 1), sex="F", address=address
        )
        made.append(
            CodedEncounter(
                source_system="EHR",
                source_id=f"E{number}",
                version="1",
                start_date=DAY,
                end_date=DAY,
                patient=patient,
                billing_provider=doctor,
                rendering_provider=doctor,
                coverages=(Coverage(payer_id="05102", payer_name="PAYER", member_id="M1", filing_indicator="MB"),),
                diagnoses=tuple(CodedDiagnosis(code=code) for code in dice.sample(DIAGNOSES, 3)),
                lines=lines,
            )
        )
    return made


def date_back(encounter: CodedEncounter, days: int) -> CodedEncounter:
    """The same visit so many days earlier."""
    on = DAY - timedelta(days=days)
    lines = tuple(line.model_copy(update={"service_date_from": on, "service_date_to": on}) for line in encounter.lines)
    return encounter.model_copy(update={"start_date": on, "end_date": on, "lines": lines})


def time_per_call(work: Callable[[], object], calls: int) -> float:
    """Best of three, in seconds for each of `calls`."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best / calls


def load_tables(folder: Path, data: Path) -> None:
    """In a process of its own, so that its peak memory is its own."""
    codes = make_codes()
    sources = [*write_ptp(folder, codes), write_mue(folder, codes), write_pfs(folder, codes)]
    before = peak_megabytes()
    started, worked = time.perf_counter(), time.process_time()
    load_files(sources, data)
    seconds, busy = time.perf_counter() - started, time.process_time() - worked
    peak = f"peak {peak_megabytes()} MB ({before} MB before)"
    print(f"load {PTP_ROWS:,} PTP rows: {seconds:.1f} s ({busy:.1f} s of processor time), {peak}")
    open_codesets(data)  # builds the packaged ICD-10-CM


def peak_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(codesets: InstalledCodeSets, codes: list[str]) -> None:
    dice = random.Random(5)
    pairs = [(dice.choice(codes), dice.choice(codes)) for _ in range(50_000)]
    seconds = time_per_call(lambda: [codesets.ptp("practitioner", a, b, DAY) for a, b in pairs], len(pairs))
    print(f"PTP pair: {seconds * 1e6:.2f} microseconds")
    icd10 = [dice.choice(DIAGNOSES) for _ in range(50_000)]
    seconds = time_per_call(lambda: [codesets.icd10cm(code, DAY) for code in icd10], len(icd10))
    print(f"ICD-10-CM code, warm: {seconds * 1e6:.2f} microseconds")
    print(f"memory with every table open and looked up: {peak_megabytes()} MB")

    encounters = make_encounters(codes)
    texts = [encounter.model_dump_json() for encounter in encounters]
    history = PatientHistory()
    for months, earlier in enumerate(encounters[:3], 1):
        history = add_encounter(history, f"earlier-{months}", date_back(earlier, 100 * months))
    decode = time_per_call(lambda: [CodedEncounter.model_validate_json(text) for text in texts], len(texts))
    judge = time_per_call(lambda: [judge_encounter(e, history, codesets) for e in encounters], len(texts))
    findings = sum(len(judge_encounter(encounter, history, codesets)) for encounter in encounters)
    checks = len(checks_for(codesets.loaded(), "professional", "practitioner", frozenset()))
    print(f"decode: {1 / decode:,.0f} encounters/s ({len(texts[0])} bytes each)")
    print(f"judge ({checks} checks, {findings / len(texts):.2f} findings each): {1 / judge:,.0f} encounters/s")
    print(
        f"decode and judge / decode: {(decode + judge) / decode:.1f} times; judge / decode: {judge / decode:.1f} times"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), Path(name) / "data"
        loader = multiprocessing.get_context("spawn").Process(target=load_tables, args=(folder, data))
        loader.start()
        loader.join()
        if loader.exitcode != 0:
            raise SystemExit("the tables could not be loaded")
        started = time.perf_counter()
        codesets = open_codesets(data)
        print(f"open: {(time.perf_counter() - started) * 1e3:.0f} ms")
        measure(codesets, make_codes())


if __name__ == "__main__":
    main()
