# ruff: noqa: RUF001  Cyrillic words are written in Cyrillic
"""What customers might write: wishes to be left alone, and what only sounds like one.

Written for these tests, apart from the rules; one message a line.
"""

WISHES = {
    "en": """
Honestly just remove me from this thing
I'd rather you didn't write to me any more
I'm not a customer any more so please quit sending me stuff
nope nope nope. off your list. now.
You need to stop. Third message this week.
whoever you are, do not contact this number again
We'd like no further correspondence from you
please respect that I don't want to be called
kindly strike my email from your records
Leave it. I won't ask again.
seriously, no more of this
No. And don't try me on another channel either.
I'd like these to end
I didn't ask for this, make it stop
consider this notice that I withdraw permission to message me
I've had it with these, no more contact please
do me a favour and never text me again
Strike us from whatever list you bought
stop it!!! how many times
Please have the decency to stop writing
Don't want this. Remove.
I said no last week, why are you still messaging? Stop.
My solicitor will be in touch if you contact me again
You do not have my permission to use this number
no further emails required thanks
get off my phone
I'd appreciate it if you stopped contacting me
we wish to be taken off this campaign
Bye. Unsubscribing.
Please don't bother us again
Not now, not ever. Leave me be.
For the love of god, no more of these
Please make sure I am not approached again
Wrong audience. Remove this address.
I'm going to have to ask you to stop
Not interested now or in future, do not follow up
You're wasting my time, stop pestering me
just... don't. never again.
How many ways can I say leave me alone?
Can you close my contact with you completely?
I want nothing to do with you people
I've asked you twice already, quit contacting me
Please don't reach out again.
Get my number out of your database.
I never want to hear from your company again
Not interested, now kindly leave us alone
enough with the messages already!!
You're harassing me. Cut it out.
Wipe my details off your mailing list, thanks
No means no. Do not write to me.
I revoke any consent I gave for marketing
Cease and desist.
would you please just stop
I'd prefer not to receive these
Kindly remove this address from your campaign
fuck off and don't text this number
unsubscribe me from whatever this is
if you message me one more time I'm going to the regulator
Nope. Blocked.
This is the last time I'm telling you: no more
I do not consent to being contacted
please take us off, we never signed up
Don't bother me with this anymore
leave off texting me will you
I'm opting out
spam. reported
can you not? stop it
Lose this number
don't ever call here
I don't want your texts
We'd rather not be contacted in future
quit it
How do I get off this list?
please make it stop
Please cease all further communication
I want out of these messages
no thank you and please don't contact me further
you have no right to contact me, delete my number
You lot never give up do you. STOP
stop bugging me
hands off my inbox
I don't wish to be part of your outreach
""",
    "de": """
Bitte entfernen Sie meine Nummer, ich möchte nichts mehr von Ihnen bekommen
Jetzt reicht es aber, das ist die dritte Nachricht
Keine Kontaktaufnahme mehr, bitte.
Meine Daten gehen Sie nichts an, hören Sie auf mich anzuschreiben
Ich hab keine Lust auf eure Nachrichten, raus aus der Liste
Bitte sehen Sie von weiteren Nachrichten ab
Schreib mir nie wieder
Hiermit untersage ich Ihnen jede weitere Werbung
das muss aufhören
Nicht mehr anschreiben bitte
Lasst mich einfach in Frieden
Ich bitte darum, mich nicht weiter zu kontaktieren
Lassen Sie diese Nachrichten bitte sein
Ich habe nein gesagt. Bitte respektieren Sie das und schreiben mir nicht mehr.
Weg mit diesem Spam
Kein weiterer Kontakt erwünscht.
Ich fordere Sie auf, mich aus dem Verteiler zu nehmen
Tragen Sie mich aus
Was an nein verstehen Sie nicht? Aufhören!
Bitte künftig keine Angebote mehr zuschicken
Meine Nummer bitte löschen
Nie wieder, danke.
Ich verzichte auf weitere Nachrichten
Wenn noch eine SMS kommt, melde ich das der Bundesnetzagentur
Ich bin raus, nehmt mich von der Liste
Rufen Sie hier nie wieder an
Ich wünsche keinerlei Zusendungen
Sie gehen mir auf die Nerven, Schluss damit
Wann kapiert ihr es endlich? Lasst mich in Ruhe
Bitte stellen Sie die Kontaktversuche ein
Ich will keine Post, keine Mails, kein gar nichts
Setzen Sie mich bitte auf Ihre Sperrliste
nein und nochmals nein, keine nachrichten
Ich hab euch nie meine Nummer gegeben, löscht die
Ab sofort bitte keinen Kontakt mehr zu mir
Das nervt nur noch, bitte abstellen
Bitte melden Sie sich nicht mehr bei mir.
Ich will von Ihnen nichts mehr hören!
Löschen Sie meine Nummer und lassen Sie mich in Frieden
Hört endlich auf damit
Ich wünsche keinen weiteren Kontakt
Nehmt mich bitte von eurer Liste
Finger weg von meiner Nummer
Schluss jetzt mit diesen SMS
Ich habe dem nie zugestimmt, unterlassen Sie das
keine weiteren Mails, bitte
Ihr nervt. Lasst das.
Streichen Sie mich aus Ihrem Verteiler
Ich möchte nicht mehr kontaktiert werden
Das ist das letzte Mal: keine Nachrichten!
stoppt den Mist
Werbung unerwünscht
Ich bestelle das hiermit ab
Bitte nicht mehr schreiben, danke
Verschonen Sie mich mit so etwas
Kontaktieren Sie mich nie wieder
Ich widerspreche der Nutzung meiner Daten zu Werbezwecken
Wie oft noch? Ich will das nicht, lassen Sie mich in Ruhe
Hiermit widerrufe ich meine Zustimmung
Ich melde mich ab
Bitte austragen
ich blockiere euch jetzt
Kein Bedarf und bitte keine Anrufe mehr
nie wieder anschreiben!
Raus aus Ihrer Kartei mit meinem Namen
Ich fühle mich belästigt
Sie haben keine Erlaubnis mich anzuschreiben
mach mal halblang, ich will keine sms von euch
""",
    "fr": """
Merci d'arrêter vos messages
Je vous prie de ne plus m'écrire
Enlevez-moi de là tout de suite
Plus aucun message svp
Vous n'avez pas le droit de me contacter
Inutile de me relancer, désabonnez ce numéro
Non, et ne m'appelez surtout pas
C'est la dernière fois que je le dis : stop
Je ne veux plus avoir affaire à vous
Rayez mon nom de votre fichier
ne me dérangez plus
J'exige que vous cessiez de m'écrire
Faites-moi disparaître de vos contacts
J'ai dit non, arrêtez d'insister
Pas de démarchage, merci
N'insistez pas et oubliez mon numéro
Je souhaite être retiré de votre base de données
Stop, vous êtes pénibles
Ne plus jamais me contacter
Merci d'effacer mes coordonnées et de ne plus appeler
On vous a déjà demandé d'arrêter
Je refuse d'être contacté
vos messages ne m'intéressent pas, désinscrivez-moi
Allez voir ailleurs et laissez-moi
Je ne veux pas de vos sms
Supprimez-moi de vos envois
Vous m'importunez, cessez immédiatement
Je vous interdis de m'écrire
Plus de pub par pitié
Veuillez considérer ce message comme une demande de désinscription
c'est non, et pour toujours
Virez-moi de votre liste
Stoppez tout envoi
Ne comptez plus sur moi, effacez mon contact
Assez ! Combien de fois faut-il le dire ?
Je ne désire aucun appel ni message
Merci de ne plus me solliciter
Je ne veux plus rien recevoir de votre part
Arrêtez de m'envoyer des messages
Effacez mon numéro de vos fichiers
Fichez-moi la paix
Ne me recontactez pas, svp
Retirez mes coordonnées de votre base
Stop aux SMS publicitaires
Je vous demande de cesser tout contact
J'en ai marre de vos relances
Désinscription immédiate svp
plus jamais de messages de votre part, c'est clair ?
lâchez-moi les baskets
Je m'oppose à toute prospection
Veuillez me rayer de vos listes
Je n'ai jamais donné mon accord pour ça
Non et inutile d'insister, ne m'écrivez plus
Je vais signaler ce numéro comme spam
ça suffit maintenant
On ne souhaite plus être démarchés
laissez nous tranquilles
supprimez moi de vos contacts
Pas intéressé, et ne me rappelez pas
je vous bloque
vous me dérangez, arrêtez
Je ne souhaite pas être contacté par ce biais
oubliez-moi une bonne fois pour toutes
Cessez vos envois
Je retire mon autorisation
c'est du harcèlement
""",
    "es": """
Por favor no me escriban más
Elimínenme de su lista de contactos
Que no me vuelvan a llamar, gracias
Ya les dije que no, dejen de insistir
No quiero más mensajes suyos
Quiero darme de baja de esto
No vuelvas a escribirme nunca
Hasta aquí, no me contacten más
Dejadme en paz de una vez
no tienen permiso para escribirme
Quiten mi número ya
que pesados, paren ya con esto
Ya no quiero que me escriban
Por favor, respeten mi decisión y no me busquen más
Déjeme de mandar cosas
No les di permiso, borren mi teléfono
Solicito no recibir más comunicaciones
¡Que paren! No me interesa nada
Anulen mi suscripción a estos mensajes
Fuera de mi WhatsApp
no me molesten
Último aviso: no me contacten
estoy harto de ustedes, dejen de escribir
Retírenme de su base de datos
no vuelvan a molestarme
Me doy de baja
Suficiente, no más correos
No me interesa, y no vuelvan a insistir
Prefiero que no me contacten
Quítenme de su agenda, por favor
Que alguien me borre de esta lista
Me tienen harta con los mensajes
No quiero que usen mi número
hagan el favor de no llamar nunca más
Cancelen todos los envíos a mi nombre
¿Cómo hago para que dejen de escribirme?
No me vuelvan a contactar, por favor
Ya dejen de mandarme mensajes
Quiero que me den de baja
Borren mi número de su base
Dejen de molestar
No quiero saber nada más de ustedes
No me manden más publicidad
Sáquenme de esa lista ya
Basta de mensajitos
Que no me llamen más
Les pido que no insistan
No autoricé que me escribieran
Déjenme tranquilo
Paren de una vez
Los voy a reportar como spam
no deseo recibir comunicaciones
Me están acosando con tantos mensajes
Por favor eliminen mi contacto
me quiero desuscribir
Retiro mi permiso para que me contacten
ni un mensaje más
estoy cansada de sus llamadas
Olvídense de mí
los bloqueo
no escriban a este número
Si siguen escribiendo los denuncio
No más, gracias
quítame de ahí
""",
    "lt": """
Labai prašau manęs daugiau nebetrukdyti
Nebesiųskite man jokių pasiūlymų
Aš jau sakiau, kad nereikia rašyti
Pašalinkite mano numerį
Nenoriu nieko iš jūsų girdėti
Viskas, gana, nebeskambinkit
Prašau nutraukti bet kokį bendravimą
Meskit mane iš savo sąrašo
neberašyk man daugiau
Daugiau jokių SMS
Uždrausk man siųsti reklamą, nenoriu
Prašau manęs nebekviesti ir nebekontaktuoti
Prašau ištrinti mano kontaktus ir daugiau nerašyti
Ne, ir daugiau čia neskambinkit
Kiek galima? Liaukitės!
Nepageidauju jokių reklaminių pranešimų
Noriu, kad mane išbrauktumėte
Man nereikia jūsų laiškų
Daugiau manęs nebeieškokit
sustokit su tom sms
Atsisakyti
Nutraukite šiuos pranešimus
Aš jūsų neprašiau rašyti
Nieko iš jūsų nenoriu, palikit ramybėje
Nebesisiųskit tų nesąmonių
Blokuosiu ir skųsiu
Prašau nebesiųsti man nieko
Jūs man atsibodot, dinkit
Nenoriu būti jūsų sąraše
Nuo šiol prašau nesikreipti
Viskas, blokuoju
Kiek kartų sakyti, nerašykit!
Prašau gerbti mano privatumą ir nerašyti
Aš nebenoriu, kad su manimi susisiektumėte
man užtenka, nutraukim šitą
Išmeskit mano numerį
Prašau manęs daugiau netrukdyti
Nebenoriu gauti jūsų žinučių
Baikit man rašinėti
Ištrinkite mano numerį iš savo sąrašų
Daugiau neskambinkit
Palikit mane ramybėj
Aš nedaviau sutikimo, kad man rašytumėt
Liaukitės siuntinėję tas žinutes
Nesiųskite daugiau nieko
Pašalinkite mane iš duomenų bazės
Jokių žinučių daugiau
Gana, nebereikia man rašyti
Atsisakau bet kokių pasiūlymų
Nustokite mane persekioti
Užteks jau tų skambučių
Tai šlamštas, pranešiu inspekcijai
Nebesikreipkit į mane
daugiau su manimi nesusisiekite
noriu atsisakyti jūsų laiškų
Blokuoju šitą numerį
Nenoriu, kad man rašytumėte
prasau nebeskambinti
duokit ramybe
Išbraukit iš sąrašo
nustokit pagaliau
Neberašykit, neįdomu
Atšaukiu savo sutikimą
man jūsų reklamos nereikia, nesiuntinėkit
""",
}

ORDINARY = {
    "en": """
We had to close, it all had to stop
Do your reports show you revenue per month?
Can I block this time in the calendar?
What options do you have to try it out?
What would I get out of this?
There are not enough messages in my plan
The last email from you went to spam
No interest in getting an upgrade
We no longer want this plan
Are there any more offers?
The reminders are not texting my clients
I was removed from the team last year
I can't text more than 100 clients a day
I'd rather not get into this now, next week?
Let us be clear, we want the discount
can't talk right now, text me next week
no time today, call me Thursday
not now please, email me in January
I never got your email, what is it about?
Please don't email, call me instead
Could you text me the price?
I have no idea who you are
""",
    "de": """
Hört sich gut an, ich komme auf Sie zu
wir hören uns auf der Messe
Sehr gerne ab Montag
der zweite aus der Liste bitte
Können Sie mir den Plan einstellen?
Schicken Sie mir bitte mehr Infos
Ich möchte das nicht, danke
Das reicht mir völlig so
Ich habe keine Mail von Ihnen bekommen
Rufen Sie mich nicht vor zehn an
Lassen Sie uns telefonieren
Gerade keine Zeit, schreiben Sie mir nächste Woche
Nicht jetzt, bitte morgen anrufen
Ich habe Ihre Mail nicht bekommen, worum geht es?
Können Sie mir eine Mail schicken?
""",
    "fr": """
Je n'ai reçu aucun message de votre part
On a assez de comptes, merci
Un moment plus tranquille la semaine prochaine
Je n'ai pas pu recevoir votre mail
On n'a pas pu vous contacter hier
Je ne veux pas être en retard, demain 10h
Plus de détails par mail svp
Pas maintenant, écrivez-moi en janvier
Je n'ai pas reçu votre message, c'est à quel sujet ?
Pouvez-vous m'envoyer un mail ?
je ne peux pas parler, rappelez demain
""",
    "es": """
No me llamo Pedro
No me llegó su mensaje
No me han enviado la factura
¿Cuál es un buen momento para llamar?
Para el día de mañana está bien
Si baja de precio lo pienso
Estoy de baja hasta enero
Nos dimos de baja porque era caro
Olvidé mi número de cliente
Quiero cancelar mi suscripción
Mándame más información
Ahora no puedo, llámame mañana
No recibí su correo, ¿de qué se trata?
¿Me puede mandar más información por correo?
""",
    "it": """
Non mi chiamo Luca
Non mi è arrivata la mail
Mi basta una mail
Ho finito di lavorare, a domani
Lascia perdere, non mi interessa
""",
    "pt": """
Não me chamo João
Para mim pode ser amanhã
Ele chega amanhã
Não me enviaram a fatura
""",
    "nl": """
Houd mij op de hoogte
Ik heb geen mail ontvangen
Ik zat in een meeting
We zijn gestopt met het pakket
""",
    "lt": """
Gana brangu man
Mums užtenka to, ką turime
Nenorime iš naujo mokytis
Nesutinku su kaina
Nebesinaudojame programa
antras iš sąrašo
Nutraukėme sutartį su jumis
Geriau skambinkite rytoj
Dabar negaliu, parašykit kitą savaitę
Negavau jūsų laiško, apie ką jis?
Ar galite atsiųsti informaciją el. paštu?
Dabar ne laikas skambinti, rytoj po pietų
""",
    "ru": """
Нам хватит одного места
второй из списка
Не хочу, чтобы данные пропали
Не могу говорить, звоните завтра
""",
    "pl": """
Dość drogo, a mamy już system
Mam dość czasu w piątek
Mam spokój w przyszłym tygodniu
""",
}
