"""``flask cchc …``: everything an operator does without a browser; also the script ``cchc``."""

from cchc_public.cli.content import (
    check,
    import_group,
    period_group,
    publish,
    publish_due_reports,
    withdraw,
)
from cchc_public.cli.copies import backup, restore
from cchc_public.cli.database import database_group
from cchc_public.cli.demo import demo
from cchc_public.cli.doctor import doctor
from cchc_public.cli.frame import CchcGroup
from cchc_public.cli.people import user_group
from cchc_public.cli.serving import sample, serve

group = CchcGroup("cchc", help="Công khai thủ tục hành chính: lệnh cho người vận hành.")
for command in (
    database_group,
    user_group,
    import_group,
    period_group,
    demo,
    check,
    publish,
    publish_due_reports,
    withdraw,
    backup,
    restore,
    doctor,
    serve,
    sample,
):
    group.add_command(command)

__all__ = ["group"]
