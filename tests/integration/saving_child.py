"""Saves sheets without end, acknowledging each save on standard output; the test kills it."""

import sys

from sqlalchemy.orm import Session

from cchc_public.reports.drafting import get_report
from tests.databases import open_engine
from tests.integration.reports import SLUG, change


def main() -> None:
    engine = open_engine(sys.argv[1])
    figure = int(sys.argv[2])
    while True:
        figure += 1
        with Session(engine) as session:
            change(session, get_report(session, SLUG), online=figure)
            session.commit()
        sys.stdout.write(f"{figure}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
