"""Mapping between our record and bill.xml (отображение счёта), both ways.

``to_bill`` makes the patient element of an account, ``from_bill`` the neutral case of a patient
element. What one kept of the other comes back attribute for attribute.

Order of precedence on the way out: the column, the card (``extra["bill"]``), what the federal file
carried (``extra["fed"]``), the settings table [defaults]. A case that came from a bill.xml
(``extra["native"]``) takes only the first two, and blocks its type of registry does not output are
left out of all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.formats.bill import Node
from omstui.formats.billaccount import account_node
from omstui.formats.billin import from_bill, kind_of_account
from omstui.formats.billpatient import patient_node
from omstui.formats.billrecord import Out
from omstui.formats.billtree import Env, flat_defaults

__all__ = ["Env", "flat_defaults", "from_bill", "kind_of_account", "to_bill"]


def to_bill(record: Mapping[str, Any], env: Env) -> Node:
    """Return the patient element of one account.

    ``record``: patient, policy, case, account as rows of the tables with ``extra`` as dict;
    ``account["services"]`` are {"xkey", "quantity", "tariff", "total", "service": row}. What the
    format requires and the record lacks is counted in ``env.missing`` once per account.
    """
    out = Out(record, env)
    patient = patient_node(out)
    accounts = Node("register_accounts", children=[account_node(out)])
    patient.children.insert(5, accounts)
    if out.lack:
        env.missing.update(out.lack)
    return patient
