"""``flask cchc …``: everything an operator does without a browser; also the script ``cchc``."""

from cchc_public.cli.frame import CchcGroup

group = CchcGroup(
    "cchc",
    help="Công khai thủ tục hành chính: lệnh cho người vận hành.",
    # loaded when asked for: a site that serves pages pays for no command
    found_in={
        "db": "database.database_group",
        "user": "people.user_group",
        "import": "content.import_group",
        "period": "content.period_group",
        "demo": "demo.demo",
        "check": "content.check",
        "publish": "content.publish",
        "publish-due": "content.publish_due_reports",
        "accept-clock": "content.accept_wrong_clock",
        "withdraw": "content.withdraw",
        "backup": "database.backup",
        "restore": "database.restore",
        "doctor": "doctor.doctor",
        "serve": "serving.serve",
        "sample": "serving.sample",
    },
)

__all__ = ["group"]
