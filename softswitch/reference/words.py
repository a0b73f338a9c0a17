"""Words of the XML that are no registry's: parameters of users, and the dialplan's own."""

from __future__ import annotations

from collections.abc import Mapping

USER_PARAMS: Mapping[str, str] = {
    "a1-hash": "MD5 of user:domain:password, in place of password",
    "auth-acl": "access list that a user's address must be in",
    "dial-string": "what user/ dials; ${dialed_user} and ${dialed_domain} are filled in",
    "directory-exten-visible": "whether the dial-by-name directory tells the extension",
    "directory-visible": "whether the dial-by-name directory has the user",
    "email-addr": "mailbox that voicemail is sent to where vm-mailto says nothing",
    "esl-allowed-api": "commands that the user may give on the event socket",
    "esl-allowed-events": "events that the user may hear on the event socket",
    "esl-allowed-log": "whether the user may read the log on the event socket",
    "esl-password": "lets the user log in to the event socket",
    "max-registrations-per-extension": "phones that may register at one time",
    "password": "for REGISTER and INVITE",
    "sip-forbid-register": "whether registering is refused",
    "sip-force-expires": "seconds that a registration holds, whatever the phone asks for",
    "storage-dir": "folder of the user's voicemail",
    "timezone": "zone in which the user is told times",
    "vm-alternate-greet-id": "number that a greeting says in place of the user's id",
    "vm-cc": "further address that voicemail is sent to",
    "vm-domain-storage-dir": "folder of the domain's voicemail",
    "vm-enabled": "whether there is a mailbox",
    "vm-mailfrom": "sender of mails about voicemail",
    "vm-mailto": "mailbox that voicemail is sent to",
    "vm-message-ext": "file format of messages",
    "vm-notify-mailto": "mailbox that is told of voicemail, without the message",
    "vm-operator-extension": "where a caller who presses 0 is sent",
    "vm-password": "of the mailbox; the user's id if there is none",
    "vm-skip-instructions": "true goes from the greeting to the beep, false tells what to do",
    "vm-storage-dir": "folder of the user's voicemail",
}
"""What ``<param>`` of a user, a group or a domain may name; nearer ones win."""

DIALPLAN: Mapping[str, str] = {
    "X-PRE-PROCESS": "directive, on one line: set, env-set, exec-set, stun-set, include, exec",
    "context": "extensions that a call may find; transfer and user_context name it",
    "extension": "conditions with actions; the first whose conditions hold takes the call",
    "continue": "of an extension: whether the next ones are looked at too when it took the call",
    "condition": "a test: field and expression, times, or <regex> children; its actions are kept",
    "field": "of a condition: a caller field by its name, or a text with ${variables}",
    "expression": "of a condition: a regular expression; its groups are $1, $2 ... in actions",
    "break": "of a condition: what leaves the extension: on-false (usual), on-true, always, never",
    "regex": "of a condition: all, any or xor of its <regex> children must hold",
    "require-nested": "of a condition: whether it fails where one inside it does; true if not told",
    "action": "an application with data, run when the condition holds",
    "anti-action": "an application with data, run when the condition does not hold",
    "inline": "of an action: run at once, so that later conditions see what it sets",
    "loop": "of an action: how many times it is run",
    "wday": "of a condition: day of the week, 1 (Sunday) to 7, or sun to sat; 2-6, mon-fri",
    "mday": "of a condition: day of the month, 1 to 31",
    "yday": "of a condition: day of the year, 1 to 366",
    "mon": "of a condition: month, 1 to 12",
    "mweek": "of a condition: week of the month, 1 to 6",
    "week": "of a condition: week of the year, 1 to 53",
    "year": "of a condition: four digits",
    "hour": "of a condition: 0 to 23",
    "minute": "of a condition: 0 to 59",
    "minute-of-day": "of a condition: 1 to 1440",
    "time-of-day": "of a condition: hh:mm[:ss]-hh:mm[:ss], past midnight too; several by commas",
    "date-time": "of a condition: YYYY-MM-DD hh:mm[:ss]~YYYY-MM-DD hh:mm[:ss]",
    "tz-offset": "of a condition: hours from UTC that its times are meant in",
    "dst": "of a condition: true holds while daylight saving time is in force",
}
"""Elements and attributes of the dialplan."""
