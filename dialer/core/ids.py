"""The kinds of id.

Attempts, calls, legs, tasks and handovers are named by the engine, `<instance>-<counter>`, the instance fresh for each
process start, so that no id is ever used twice. Leads, campaigns, agents and guests are named by storage.
"""

from typing import NewType

AttemptId = NewType("AttemptId", str)
CallId = NewType("CallId", str)
LegId = NewType("LegId", str)
TaskId = NewType("TaskId", str)
HandoverId = NewType("HandoverId", str)
TimerId = NewType("TimerId", str)

LeadId = NewType("LeadId", int)
CampaignId = NewType("CampaignId", int)
AgentId = NewType("AgentId", int)
RequestId = NewType("RequestId", int)
GuestId = NewType("GuestId", int)
SetId = NewType("SetId", int)
"""Of an agent set; the engine's own, and of no meaning after it."""
ZoneGroupId = NewType("ZoneGroupId", int)

TrunkName = NewType("TrunkName", str)
QueueName = NewType("QueueName", str)
NO_QUEUE = QueueName("")
NO_TRUNK = TrunkName("")
