"""One world from its seed to its end: services, providers and customers, thrown together."""

from datetime import timedelta
from functools import partial
from typing import Any

from services.agent.brain import EmbeddedBrain
from services.agent.handlers import Agent
from services.booking.handlers import Calendar
from services.booking.slots import WorkingHours
from services.orchestrator.campaigns import Campaigns
from services.orchestrator.policy import campaign_of
from shared.bus.steps import Handler, Several, Steps
from shared.events import Event
from shared.words import Channel
from tests.simulation import stores
from tests.simulation.bus import Bus, reading, relaying, waking
from tests.simulation.customers import Customers
from tests.simulation.database import Database, Group
from tests.simulation.edge import Edge
from tests.simulation.gateway import Gateways
from tests.simulation.knowing import Knowledge
from tests.simulation.outside import Known, Outside, Triage, a_campaign
from tests.simulation.process import Bell, Process
from tests.simulation.provider import Provider
from tests.simulation.reconciling import reconciling
from tests.simulation.sending import Requests, Sender
from tests.simulation.stores import Calls, Conversations, Sequences
from tests.simulation.vault import KEYS
from tests.simulation.watching import Watch
from tests.simulation.world import START, World

BRAIN = EmbeddedBrain()
HOURS = WorkingHours("Europe/Vilnius", opens_hour=16, closes_hour=17, call_minutes=60)
SPOKEN = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL)
PEACE = START + timedelta(days=11)
LAST_HOURS = timedelta(hours=6)
A_MINUTE, MINUTES_MAX = timedelta(minutes=1), 120


class Simulation:
    """Everything there is in one world."""

    def __init__(self, seed: int) -> None:
        self.world = World(seed)
        self.bus = Bus(self.world)
        self.databases: list[Database] = []
        self.groups: list[Group] = []
        self.processes: list[Process] = []
        self.senders: list[Sender] = []
        self.sequences, self.gateways, self.calls = Sequences(), Gateways(), Calls()
        self._employ_services()
        self._open_gateways()

    def play(self) -> None:
        """Eleven bad days, six good hours, and then until nobody has anything left to do."""
        with stores.in_place():
            for process in self.processes:
                process.start()
            self.outside.begin()
            self.world.run(PEACE)
            self.world.fate.calm = True
            for process in self.processes:
                process.start()
            self.world.run(PEACE + LAST_HOURS)
            for _ in range(MINUTES_MAX):
                if not self.busy():
                    return
                self.world.run(self.world.now + A_MINUTE)

    @property
    def said(self) -> list[Event]:
        """All that was ever committed, in that order."""
        return [its[1] for _, what, its in self.world.diary if what == "says"]

    def busy(self) -> list[str]:
        """What is left to do."""
        outboxes = [f"{its.name} has yet to speak" for its in self.databases if its.outbox]
        unread = [f"{its.name} has yet to read" for its in self.groups if its.unread]
        due = [its for its in self.groups if its.next_due and its.next_due <= self.world.now]
        calls = [f"{its.channel} has open calls" for its in self.senders if its.open or its.called]
        requests = ["requests wait"] if self.gateways.requests else []
        return [*outboxes, *unread, *(f"{its.name} has timers" for its in due), *calls, *requests]

    # -- who there is

    def _employ_services(self) -> None:
        """Those whose handlers run here as they are."""
        watch = Watch(campaign_of(a_campaign()))
        steps = Steps(watch.handlers, stores.load, stores.save, stores.new)
        sequencing = Several(steps, Campaigns())
        self.sequences.group = self._group("orchestrator", self.sequences, sequencing)
        agent = self._group("agent", Conversations(), Agent(BRAIN, KEYS))
        booking = self._group("booking", self.calls, Calendar(HOURS))
        triage = self._group("triage", Known(), Triage())
        self._processes(self.sequences.group, count=2)
        self._processes(agent, count=2)
        self._processes(booking, count=1)
        self._processes(triage, count=1)
        self._triage = triage

    def _open_gateways(self) -> None:
        """Two processes, each with a sender for every channel, and the world that they speak to."""
        knowledge = self._group("channels", self.gateways, Knowledge())
        due = {channel: Bell(self.world) for channel in SPOKEN}
        asking = [
            self._group_in(knowledge.database, f"channels.{channel}", Requests(channel, its))
            for channel, its in due.items()
        ]
        processes = self._processes(knowledge, *asking, count=2)
        edge = Edge(self.world, knowledge, processes)
        customers = Customers(self.world, edge)
        self.provider = Provider(self.world, customers.read, edge.bring_status)
        customers.provider = self.provider
        for process in processes:
            senders = [
                Sender(channel, process, knowledge, self.provider, its)
                for channel, its in due.items()
            ]
            looking_up = partial(reconciling, knowledge, self.provider)
            process.loops = (*process.loops, looking_up, *(sender.work for sender in senders))
            self.senders += senders
        self.outside = Outside(self.world, self._triage.database, customers)
        self.bus.overheard_by = (customers.cross, self.outside.cross)

    def _group(self, name: str, tables: Any, handler: Handler) -> Group:
        """A service's group, with a database of its own."""
        database = Database(self.world, name, tables)
        self.databases.append(database)
        return self._group_in(database, name, handler)

    def _group_in(self, database: Database, name: str, handler: Handler) -> Group:
        group = Group(name, database, handler)
        self.bus.let_read(group)
        self.groups.append(group)
        return group

    def _processes(self, *groups: Group, count: int) -> list[Process]:
        """Processes of one service, each of which does all that its groups have to do."""
        database = groups[0].database
        loops = [partial(relaying, database, self.bus)]
        loops += [partial(loop, group) for group in groups for loop in (reading, waking)]
        made = [Process(self.world, f"{database.name}-{n + 1}") for n in range(count)]
        for process in made:
            process.loops = loops
        self.processes += made
        return made
