"""Pages as their reader meets them."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """What a page links to, what it names, and what it would fetch."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.fetched, self.tags = [], [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        its = dict(attrs)
        self.tags.add(tag)
        self.ids += [its["id"]] if "id" in its else []
        self.links += [its["href"]] if tag == "a" else []
        self.fetched += [its[name] for name in ("src", "data", "poster") if name in its]
        self.fetched += [its["href"]] if tag == "link" else []
