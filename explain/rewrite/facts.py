"""What a simplification may use: definitions of the user's names, facts that follow, assumptions.

A definition gives three relations: a sum of terms that is zero, a product of powers that is one, and an
expression that is the name. Each is applied where it makes an expression shorter; cost is linear in the number of
definitions. Imported by explain.rewrite and explain.derive.
"""

from sympy import Add, S

from engine.ops.reduction import mean, sum_
from engine.ops.shape import permute, unsqueeze
from engine.symbols import Structure, Sym, shape_of, symbols_in
from explain.cost import length
from explain.rewrite.terms import numeric, powers, product, scaled, terms, total
from explain.rewrite.transposing import signless, transposed
from explain.rewrite.walk import Rewrite, kind_of, walk

KEEP_SYMMETRY = ("inv", "matrix_exp", "pinv", "matrix_power")  # of a symmetric matrix they are symmetric
DEEP = 8  # questions within questions: a sum's terms by their definitions, whose terms have definitions, ...
FOLD = "a name for what it was defined as"


class Relations:
    """Relations between parts, found by the parts that an expression has.

    A relation is entered under as few of its parts as it takes for every use to meet one of them, and under the
    rarest: a weight that a thousand steps share doesn't lead to all of them.
    """

    def __init__(self):
        self.entered = []
        self.by_part = {}
        self.uses = {}

    def enter(self, symbol, front, relation, weights, enough):
        """Enter a relation under parts whose weights add up to `enough`."""
        at = len(self.entered)
        self.entered.append((symbol, front, relation))
        for part in weights:
            self.uses[part] = self.uses.get(part, 0) + 1
        weight = 0
        for part in sorted(weights, key=self.uses.get):
            if weight >= enough:
                break
            weight += weights[part]
            self.by_part.setdefault(part, []).append(at)

    def among(self, parts):
        """The relations that may be of use where these parts are, in the order in which they were entered."""
        found = set()
        for part in parts:
            found.update(self.by_part.get(part, ()))
        return [self.entered[at] for at in sorted(found)]


class Facts:
    """Definitions and assumptions, and the simplifications made under them so far.

    definitions  symbol -> Sym, the simplified definition of a name
    assumptions  symbol -> set of words: symmetric, positive, orthogonal, distribution, one_hot
    hidden       sets of names that mustn't be used, since they are being written out
    bound        how many of the definitions, in their order, may be used
    """

    def __init__(self, definitions=None, assumptions=None):
        self.definitions = {}
        self.assumptions = dict(assumptions or {})
        self.hidden = ()
        self.bound = None
        self.order = {}
        self.asked = 0  # questions that are being answered, one within another
        self.memo, self.reduced, self.sums, self.symmetries = {}, {}, {}, {}
        self.sums_of_terms, self.products_of_powers, self.by_form = Relations(), Relations(), {}
        for symbol, sym in (definitions or {}).items():
            self.define(symbol, sym)

    def define(self, symbol, sym):
        """Enter a definition; simplifications made before it stay as they are."""
        self.definitions[symbol] = sym
        self.order[symbol] = len(self.order)
        expr = sym.expr
        if shape_of(expr) != shape_of(symbol):
            return  # repeated along an axis: in the place of its definition the name would be too large
        self._enter(symbol, symbol, expr)
        for form, value in _also(symbol, sym):
            self._enter(symbol, value, form)

    def _enter(self, symbol, value, expr):
        """Enter that `expr` is `value`, an expression in the name `symbol`."""
        linear = terms(expr)
        for term, number in terms(value).items():
            linear[term] = linear.get(term, S.Zero) - number
        # To shorten a sum, half of a relation's terms must stand in it; a product, more than half of its weight.
        indexed = {term: 1 for term in linear if term is not S.One}
        self.sums_of_terms.enter(symbol, None, linear, indexed, len(linear) // 2 + 1)
        if not expr.is_Add:
            number, found = powers(expr)
            front, mine = powers(value)
            relation = {**mine, **{base: -e for base, e in found.items()}}
            weights = {base: _weight(base) * abs(exponent) for base, exponent in relation.items()}
            self.products_of_powers.enter(symbol, front / number, relation, weights, sum(weights.values()) / 2)
        if expr.args and value is symbol:
            self.by_form.setdefault(expr, symbol)
            for memo in (self.memo, self.reduced):
                memo.pop(expr, None)  # from here on it is the name

    def without(self, symbols):
        """The same facts, but for a set of names that are to be written out; it isn't copied."""
        other = Facts.__new__(Facts)
        other.__dict__.update(self.__dict__)
        other.hidden = (*self.hidden, symbols) if symbols else self.hidden
        return other

    def before(self, symbol):
        """The same facts, but for what is defined by `symbol` and after it."""
        other = self.without(())
        other.bound = self.order[symbol]
        return other

    def stands(self, expr, found):
        """Whether a form found under other facts may be used here: it needs no name that is written out here."""
        if found is expr or not self.hidden and self.bound is None:
            return True
        had = symbols_in(expr)
        return all(atom in had or self.usable(atom) for atom in symbols_in(found) if atom in self.order)

    def usable(self, symbol):
        for hidden in self.hidden:
            if symbol in hidden:
                return False
        return self.bound is None or self.order[symbol] < self.bound

    # what the walk asks

    def symmetric(self, x):
        """Whether a matrix is known to be its own transpose: by assumption, or since its definition is."""
        if "symmetric" in self.assumptions.get(x.expr, ()):
            return True
        if x.operation == "identity" or x.operation == "diag_embed" and x.params["offset"] == 0:
            return x.shape[-1] == x.shape[-2]
        if x.operation in KEEP_SYMMETRY:
            return self.symmetric(x.operands[0])
        definition = self.definitions.get(x.expr)
        if definition is None or definition.shape != x.shape:  # spread along an axis, a vector isn't its matrix
            return False
        if len(x.shape) != 2 or x.shape[0] != x.shape[1]:
            return False
        if x.expr not in self.symmetries:
            self.symmetries[x.expr] = False  # a question within itself has no answer
            self.symmetries[x.expr] = self._within(lambda: self._defined_symmetric(x, definition), False)
        return self.symmetries[x.expr]

    def _defined_symmetric(self, x, definition):
        turned, _trace = walk(permute(definition, dims=(1, 0)).expr, self, explore=False)
        parts = [walk(permute(Sym(term, definition.shape), dims=(1, 0)).expr, self, explore=False)[0] * number
                 for term, number in terms(definition.expr).items()]  # fmt: skip
        if definition.expr in (turned, Add(*parts)) or turned == x.expr:
            return True
        inward, _trace = walk(transposed(definition.expr, definition.shape, (1, 0)), self, explore=False)
        return inward in (x.expr, walk(signless(definition.expr), self, explore=False)[0])

    def folded(self, expr, traces):
        """An expression with a name in place of its definition, where that makes it shorter."""
        name = self.by_form.get(expr)
        if name is not None and self.usable(name):
            traces.append(Rewrite("definition", FOLD, expr, name))
            return name
        kind = kind_of(expr)
        if kind == "+":
            after = self._fewer_terms(expr)
        elif kind in ("*", "**"):
            after = self._fewer_powers(expr)
        else:
            return expr
        if after is expr:
            return expr
        traces.append(Rewrite("definition", FOLD, expr, after))
        finer, trace = walk(after, self, explore=False)
        if trace:
            traces.append(trace)
        return finer

    def _fewer_terms(self, expr):
        """A sum with a multiple of a relation taken off, if that leaves fewer or shorter terms."""
        have = terms(expr)
        relations = self.sums_of_terms.among(have)
        for term, number in have.items() if relations else ():
            for name, _front, relation in relations:
                if term not in relation or term is S.One or len(relation) > len(have) + 1 or not self.usable(name):
                    continue
                share = number / relation[term]
                changed = {part: have.get(part, S.Zero) - share * inside for part, inside in relation.items()}
                if _terms_saved(have, changed) > (0, 0):
                    return total(_with(have, changed))
        return expr

    def _fewer_powers(self, expr):
        """A product divided by a power of a relation, if that leaves fewer or smaller powers."""
        number, have = powers(expr)
        relations = self.products_of_powers.among(have)
        for base, exponent in have.items() if relations else ():
            for name, front, relation in relations:
                if base not in relation or not self.usable(name):
                    continue
                share = exponent / relation[base]
                if not share.is_Integer:
                    continue
                changed = {part: have.get(part, S.Zero) - share * inside for part, inside in relation.items()}
                saves = _weight_saved(have, changed) > 0 and _simpler(have, changed)
                if saves and not _divided_anew(have, changed, relation):
                    return product(number / front**share, _with(have, changed))
        return expr

    def sum_of(self, x, dim):
        """(sum of x over axes, reason) if a definition or an assumption gives it as a number; else (None, "")."""
        key = x.expr, x.shape, dim
        if key not in self.sums:
            self.sums[key] = None, ""  # a question within itself has no answer
            self.sums[key] = self._within(lambda: self._sum_of(x, dim), (None, ""))
        return self.sums[key]

    def _within(self, answer, unknown):
        """An answer that may need others of its kind; `unknown` where they lead too far."""
        if self.asked >= DEEP:
            return unknown
        self.asked += 1
        try:
            return answer()
        finally:
            self.asked -= 1

    def _sum_of(self, x, dim):
        symbol = x.expr
        if not symbol.is_Symbol or shape_of(symbol) != x.shape:
            return None, ""
        words = self.assumptions.get(symbol, ())
        for word in ("one_hot", "distribution"):
            if word in words and dim == (len(x.shape) - 1,):
                return S.One, f"{symbol} is {word.replace('_', '-')}: its last axis sums to one"
        definition = self.definitions.get(symbol)
        if definition is None or definition.shape != x.shape:
            return None, ""
        apart = self.without((symbol,))  # its definition mustn't be folded back into it
        for keepdim in (True, False) if len(dim) < len(x.shape) else (False,):  # as the means in it are written
            parts = [scaled(number, sum_(Sym(term, x.shape), dim=dim, keepdim=keepdim).expr)
                     for term, number in terms(definition.expr).items()]  # fmt: skip
            found, _trace = walk(Add(*parts), apart, explore=False)
            if numeric(found):
                break
        else:
            return None, ""
        axes = "axis" if len(dim) == 1 else "axes"
        return found, f"{symbol} sums to {found} along the {axes} {', '.join(map(str, dim))}, by its definition"


def _also(symbol, sym):
    """(form, value) of what a definition says besides: a mean is a sum, a sum without its axes has them."""
    expr = sym.expr
    if not (isinstance(expr, Structure) and expr.operation in ("sum", "mean")):
        return
    x = Sym(expr.operands[0], expr.operand_shapes[0])
    dim, keepdim = expr.params["dim"], expr.params["keepdim"]
    count = S.One
    for at in dim:
        count = count * x.shape[at]
    if count == 0:
        return
    values = {sum_: symbol, mean: symbol / count} if expr.operation == "sum" else {mean: symbol, sum_: count * symbol}
    for op, value in values.items():
        if op.name != expr.operation:
            yield op(x, dim=dim, keepdim=keepdim).expr, value
        if not keepdim and len(dim) < len(x.shape):
            # With the summed axes as ones; leading ones are implied.
            leading = dim == tuple(range(len(dim)))
            column = symbol if leading else unsqueeze(Sym(symbol, sym.shape), dim=dim).expr
            yield op(x, dim=dim, keepdim=True).expr, value.xreplace({symbol: column})


def _simpler(before, changed):
    """Whether more powers went or shrank than came or grew, or one came for one."""
    sizes = [(abs(before.get(base, 0)), abs(exponent)) for base, exponent in changed.items()]
    less = sum(bool(after < had) for had, after in sizes)
    more = sum(bool(after > had) for had, after in sizes)
    return less > more or less == more == 1


def _divided_anew(before, changed, relation):
    """Whether something divides that may be zero where nothing was before: h²/o for o t², when h = o t.

    It can't where it is a factor of what divided before: 1/p for q/t, when t = p q.
    """
    if not any(exponent < min(0, before.get(base, 0)) for base, exponent in changed.items()):
        return False
    return not any(
        before.get(base, 0) < min(0, changed[base])
        and all(other * exponent < 0 for part, other in relation.items() if part != base)
        for base, exponent in relation.items()
    )


def _with(before, changed):
    """Numbers of terms, or exponents, with some changed; those that are zero are gone."""
    return {part: number for part, number in {**before, **changed}.items() if number != 0}


def _terms_saved(before, changed):
    """(how many terms fewer, by how much their length is less)."""
    gone = [part for part, number in changed.items() if number == 0 and part in before]
    come = [part for part, number in changed.items() if number != 0 and part not in before]
    return len(gone) - len(come), sum(map(length, gone)) - sum(map(length, come))


def _weight_saved(before, changed):
    return sum(_weight(base) * (abs(before.get(base, 0)) - abs(exponent)) for base, exponent in changed.items())


def _weight(base):
    return 1 if base.is_Symbol else 1 + length(base)
