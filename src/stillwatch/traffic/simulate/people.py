"""Ordinary customers and everything innocent that looks like a harvest, by name."""

from stillwatch.traffic.simulate.behaviour import Behaviour, Identity

ORDINARY = Behaviour("ordinary")
"""Most accounts: heavy-tailed volumes, own hours, own topics, conversations."""

_APP = "You answer readers inside the side panel Leafnote. Use the excerpt they give, stay short, and keep their terms."
_AGENT = (
    "You are Burrow, a programming agent in the user's repository. Plan before you edit, change as little as you can, run the tests "
    "after each change, and tell the user in two sentences what was done. Ask before anything is deleted. Files are shown with numbers."
)
_PERSONA = (
    "From now on you are the keeper of an old lighthouse who has read every book in the harbour library. Stay in that role, speak calmly, "
    "compare everything with the sea, and never mention that you are a program."
)
_EXAM = "Answer the following question of the quiz. Reply with the letter of the right choice only, nothing else.\n\nQuestion: "
_EXERCISE = "Exercise 4, second part. Work through the task below and compare your result with the one in the reader.\n\n"

LOOK_ALIKES: tuple[Behaviour, ...] = (
    Behaviour("evaluation-harness", accounts=12, volume=(400, 0.3), rhythm="nightly", topics="set", set_size=350, before=(_EXAM,),
              after=("\nAnswer:",), follow_up=0, temperature=0.0, client=4, output=(6, 0.3)),
    Behaviour("release-day-benchmarking", accounts=60, volume=(120, 0.5), rhythm="release", topics="set", set_size=160,
              before=("Solve the puzzle and give the result on the last line.\n\n",), follow_up=0, temperature=0.0, output=(400, 0.6)),
    Behaviour("batch-classification", accounts=5, volume=(1500, 0.6), rhythm="nightly", topics="any",
              before=("Put the customer message into one of: billing, delivery, fault, praise, other.\nMessage: ",), after=("\nLabel:",),
              follow_up=0, temperature=0.0, output=(4, 0.2), operation="batch", identity=Identity(one_org=False, plan="business")),
    Behaviour("translation-batch", accounts=4, volume=(1200, 0.5), rhythm="always", topics="any",
              before=("Translate the text between the bars, keep names and numbers.\n|||\n",), after=("\n|||",), follow_up=0,
              temperature=0.2, output=(200, 0.5), identity=Identity(one_org=True, plan="business")),
    Behaviour("rag-backfill", accounts=4, volume=(1500, 0.5), rhythm="always", topics="own", sentences=9,
              before=("Write three sentences that say what the passage is about.\n\nPassage:\n",), follow_up=0, temperature=0.0,
              output=(80, 0.3), identity=Identity(plan="business")),
    Behaviour("coding-agent", accounts=250, volume=(60, 1.2), systems=(_AGENT,), follow_up=0.85, tools=9, client=2, temperature=0.2,
              reasoning=0.6, output=(500, 0.8)),
    Behaviour("popular-app", accounts=250, volume=(18, 1.3), systems=(_APP,), before=("Excerpt and question of the reader:\n",),
              follow_up=0.1, client=3, temperature=0.3, output=(150, 0.7)),
    Behaviour("persona-prompts", accounts=80, volume=(16, 1.2), systems=(_PERSONA,), ordinary=0.4, follow_up=0.7),
    Behaviour("reseller", accounts=2, volume=(3000, 0.3), rhythm="always", topics="any", follow_up=0.4, client=7, end_users=True,
              identity=Identity(plan="business")),
    Behaviour("vendor-platform", accounts=70, volume=(25, 1.3), before=("Reply to our shop's customer in a friendly tone.\n\n",),
              follow_up=0.3, client=8, temperature=0.5, output=(120, 0.5),
              identity=Identity(payments=70, referrer="vendor-platform.example", sign_up_days=200)),
    Behaviour("team-key", accounts=15, volume=(300, 0.6), topics="any", follow_up=0.5, end_users=True, identity=Identity(plan="business")),
    Behaviour("class-of-students", accounts=60, volume=(20, 0.7), rhythm="class", topics="set", set_size=25, before=(_EXERCISE,),
              ordinary=0.3, follow_up=0.45, identity=Identity(sign_up_days=2, address_pool=2, referrer="campus.example", plan="free")),
    Behaviour("corporate-nat", accounts=150, identity=Identity(address_pool=2)),
    Behaviour("monitoring", accounts=4, volume=(1900, 0.05), rhythm="always", topics="set", set_size=3, follow_up=0, temperature=0.0,
              sentences=1, output=(5, 0.1), client=9),
    Behaviour("ci-review", accounts=30, volume=(90, 0.9), before=("Review this change. List defects only, one a line.\n\n",),
              sentences=8, follow_up=0, temperature=0.0, client=9, output=(180, 0.6), identity=Identity(plan="business")),
    Behaviour("research-one-organisation", accounts=8, volume=(500, 0.1), rhythm="queue", topics="any",
              before=("Rate how polite the sentence is from 1 to 7 and say why in ten words.\n\n",), follow_up=0, temperature=0.0,
              output=(25, 0.3), identity=Identity(one_org=True, payments=8, plan="business")),
    Behaviour("own-synthetic-data", accounts=3, volume=(1500, 0.4), rhythm="always", topics="any",
              before=("Write a support dialogue of six turns about the matter below.\n\nMatter: ",), follow_up=0, temperature=1.0,
              output=(600, 0.4), identity=Identity(one_org=True, plan="business")),
    Behaviour("authorised-distillation", accounts=12, volume=(600, 0.1), rhythm="queue", topics="any",
              before=("Solve the task and show every step of your reasoning between <steps> tags.\n\nTask: ",), follow_up=0,
              temperature=0.8, output=(900, 0.4), identity=Identity(authorisation="contract-synthetic-17", plan="business")),
)
"""Innocent kinds. Their sizes are for a world of 3,000 accounts and scale with it."""
