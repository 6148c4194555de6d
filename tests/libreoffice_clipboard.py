"""Run by the Python that has LibreOffice's UNO: copies a whole document and prints its clipboard.

``python3 libreoffice_clipboard.py FILE FOLDER`` starts a LibreOffice of its own, selects everything
in FILE (a Writer table or a Calc sheet), copies it, and writes what lies on the clipboard to FOLDER
as ``clipboard.html`` and ``clipboard.txt``.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue


def connect(profile):
    """Start LibreOffice with a profile of its own and return its component context."""
    pipe = f"cchc{time.time_ns()}"
    process = subprocess.Popen(
        [
            "soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{profile}",
            f"--accept=pipe,name={pipe};urp;",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(120):
        try:
            return process, resolver.resolve(
                f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
            )
        except Exception:
            time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    raise SystemExit("LibreOffice does not answer")


def main(file, folder):
    """Copy the document's table and write both texts of the clipboard."""
    process, context = connect(folder / "profile")
    services = context.ServiceManager
    desktop = services.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue("Hidden", 0, False, 0)
    document = desktop.loadComponentFromURL(file.resolve().as_uri(), "_blank", 0, (hidden,))
    controller = document.getCurrentController()
    if document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        sheet = controller.getActiveSheet()
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.getRangeAddress()
        controller.select(sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow))
    else:
        dispatcher = services.createInstanceWithContext(
            "com.sun.star.frame.DispatchHelper", context
        )
        dispatcher.executeDispatch(controller.getFrame(), ".uno:SelectAll", "", 0, ())
    content = controller.getTransferable()
    for flavor in content.getTransferDataFlavors():
        kind = flavor.MimeType
        if kind.startswith("text/html"):
            data = content.getTransferData(flavor).value
            (folder / "clipboard.html").write_bytes(bytes(b % 256 for b in data))
        elif kind.startswith("text/plain;charset=utf-16"):
            (folder / "clipboard.txt").write_text(content.getTransferData(flavor), "utf-8")
    os.killpg(process.pid, signal.SIGKILL)  # nothing of it is to be kept


main(Path(sys.argv[1]), Path(sys.argv[2]))
