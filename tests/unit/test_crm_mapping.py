"""What each column is, by its name alone."""

import csv

import pytest

from services.crm_sync.mapping import Role, place
from shared.words import Channel


def fields(header):
    """Field → the names of its columns."""
    names = next(csv.reader([header]))
    return {field: [names[n] for n in its] for field, its in place(names).fields.items()}


def permissions(*header):
    columns = place(header)
    return [*columns.consents, *columns.refusals]


EXPORTS = {
    "HubSpot": (
        "Record ID - Contact,First Name,Last Name,Email,Mobile Phone Number,WhatsApp Phone Number,"
        "Country/Region,Lifecycle Stage,Preferred language,Time Zone,Last Activity Date"
    ),
    "Salesforce": (
        "Contact ID,First Name,Last Name,Account Name,Mailing Country,Mailing State/Province,Phone,"
        "Mobile,Email"
    ),
    "Pipedrive": (
        "Person - ID,Person - Name,Person - Email - Work,Person - Phone - Mobile,"
        "Organization - Name"
    ),
    "Stripe": (
        "id,Customer Email,Customer Name,Plan,Status,Quantity,Interval,Current Period End (UTC),"
        "Canceled At (UTC),Ended At (UTC),Card Address Country,Total Spend"
    ),
    "Intercom": "User ID,Name,Email,Phone,Last seen (UTC),Country",
    "Chargebee": (
        "customer.id,customer.email,customer.first_name,customer.phone,subscription.plan_id,"
        "subscription.status,subscription.plan_quantity,subscription.next_billing_at,"
        "subscription.cancelled_at"
    ),
    "German": (
        "Kundennummer,Vorname,Nachname,E-Mail-Adresse,Telefonnummer,Handy,Land,Sprache,Kundenstatus,"
        "Tarif,Lizenzen,Kündigungsdatum,Letzter Login"
    ),
    "French": "id,nom,prénom,courriel,téléphone,pays,statut,forfait,date de résiliation",
    "Spanish": "id cliente,nombre,apellidos,correo electrónico,móvil,país,idioma,fecha de baja",
    "Lithuanian": (
        "kliento_id,Vardas,Pavardė,El. paštas,Telefonas,Šalis,Kalba,Būsena,Planas,Vietos,"
        "Paskutinis prisijungimas"
    ),
}


@pytest.mark.parametrize("header", EXPORTS.values(), ids=EXPORTS)
def test_every_column_of_a_common_export_has_a_place(header):
    names = next(csv.reader([header]))
    assert place(names).unplaced == ()
    assert place(names).usable


def test_names_are_known_without_regard_to_spelling():
    for name in ("First Name", "first_name", "FIRSTNAME", "firstName", "First-Name "):
        assert fields(name) == {"first_name": [name]}


def test_a_column_that_nobody_knows_is_named():
    assert place(["id", "Email", "Shoe size", "", "Favourite colour"]).unplaced == (
        "Shoe size",
        "Favourite colour",
    )


def test_a_column_of_somebody_else_is_not_the_customers():
    header = ["Email", "Contact owner", "Owner email", "Company phone number", "Assistant phone"]
    assert place(header).unplaced == tuple(header[1:])


def test_several_addresses_keep_the_order_of_the_file():
    assert fields("Mobile,Email 2,Phone,Email") == {
        "phone": ["Mobile", "Phone"],
        "email": ["Email 2", "Email"],
    }


def test_the_best_name_comes_first_where_several_fit():
    assert fields("Type,Status")["status"] == ["Status", "Type"]


def test_an_id_is_taken_from_one_column_only():
    columns = place(["Account ID", "Contact ID", "Email"])
    assert columns.fields["crm_id"] == (1,)
    assert columns.unplaced == ("Account ID",)


def test_without_an_address_the_columns_are_of_no_use():
    assert not place(["id", "name", "plan"]).usable
    assert place(["WhatsApp number"]).usable


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("Unsubscribed", ()),
        ("Do not contact", ()),
        ("DNC", ()),
        ("Opt-out date", ()),
        ("Werbewiderspruch", ()),
        ("Désinscrit", ()),
        ("Baja", ()),
        ("Atsisakė naujienų", ()),
        ("Consent withdrawn", ()),
        ("Unsubscribed from all email", (Channel.EMAIL,)),
        ("HasOptedOutOfEmail", (Channel.EMAIL,)),
        ("emailOptOut", (Channel.EMAIL,)),
        ("emailoptout", (Channel.EMAIL,)),
        ("Opted out of email: Marketing Information", (Channel.EMAIL,)),
        ("Newsletter abgemeldet", (Channel.EMAIL,)),
        ("DoNotCall", (Channel.VOICE,)),
        ("Do not text", (Channel.SMS,)),
        ("SMS/WhatsApp opt-out", (Channel.WHATSAPP, Channel.SMS)),
        ("Neskambinti", (Channel.VOICE,)),
        ("No llamar", (Channel.VOICE,)),
    ],
)
def test_a_column_of_refusals_is_recognised_with_its_channels(name, channels):
    [permission] = permissions(name)
    assert permission.refusal
    assert permission.channels == channels


@pytest.mark.parametrize(
    ("name", "role", "channels"),
    [
        ("SMS consent", Role.GIVEN, (Channel.SMS,)),
        ("smsConsent", Role.GIVEN, (Channel.SMS,)),
        ("Text message consent", Role.GIVEN, (Channel.SMS,)),
        ("WhatsApp opt-in", Role.GIVEN, (Channel.WHATSAPP,)),
        ("has_newsletter", Role.GIVEN, (Channel.EMAIL,)),
        ("Einwilligung Anruf", Role.GIVEN, (Channel.VOICE,)),
        ("Consentement SMS", Role.GIVEN, (Channel.SMS,)),
        ("El. pašto sutikimas", Role.GIVEN, (Channel.EMAIL,)),
        ("Email marketing status", Role.GIVEN, (Channel.EMAIL,)),
        ("Opt-in date", Role.DATE, ()),
        ("SMS consent given on", Role.DATE, (Channel.SMS,)),
        ("Sutikimo data", Role.DATE, ()),
        ("Email opt-in proof", Role.PROOF, (Channel.EMAIL,)),
        ("Consent text", Role.PROOF, ()),
        ("SMS Einwilligung Nachweis", Role.PROOF, (Channel.SMS,)),
        ("Consent source URL", Role.PROOF, ()),
        ("Legal basis for processing contact's data", Role.KIND, ()),
        ("Consent type", Role.KIND, ()),
        ("Consent channels", Role.CHANNELS, ()),
    ],
)
def test_a_column_of_consents_is_recognised_with_its_part(name, role, channels):
    [permission] = permissions(name)
    assert not permission.refusal
    assert (permission.role, permission.channels) == (role, channels)


def test_where_somebody_could_refuse_is_no_refusal():
    columns = place(["Email", "Unsubscribe link", "Opt-out offered at signup"])
    assert columns.refusals == ()
    assert columns.unplaced == ("Unsubscribe link",)
    assert columns.fields["soft_offered"] == (2,)


def test_what_is_placed_does_not_depend_on_the_order_of_the_columns():
    one, other = ["Email", "id", "SMS consent"], ["SMS consent", "Email", "id"]
    assert [one[n] for n in place(one).placed] == [other[n] for n in place(other).placed]
