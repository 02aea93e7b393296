#include "config/language/parser.hpp"

#include "config/language/context.hpp"
#include "config/language/number_text.hpp"
#include "config/language/signature.hpp"

#include <algorithm>
#include <array>

#include <re2/re2.h>

namespace sluice::language::detail {

namespace {

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known) {
  auto like = nearest(name, known);
  return like ? ", did you mean '" + std::string{*like} + "'?" : "";
}

/// What the reference has and this engine has not.
bool is_unsupported_filter(std::string_view name) {
  static constexpr std::array names = {"attr",        "base64binascii_decode",
                                       "batch",       "center",
                                       "dictsort",    "e",
                                       "escape",      "filesizeformat",
                                       "forceescape", "format",
                                       "groupby",     "hash",
                                       "hmac",        "indent",
                                       "items",       "map",
                                       "max",         "min",
                                       "pprint",      "random",
                                       "reject",      "rejectattr",
                                       "reverse",     "safe",
                                       "select",      "selectattr",
                                       "slice",       "sort",
                                       "striptags",   "sum",
                                       "truncate",    "unique",
                                       "urlize",      "wordcount",
                                       "wordwrap",    "xmlattr"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_unsupported_function(std::string_view name) {
  static constexpr std::array names = {"today_with_timezone", "namespace", "dict", "cycler", "joiner", "lipsum"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Methods that change their object, which templates cannot do here.
bool is_mutator(std::string_view name) {
  static constexpr std::array names
    = {"append", "extend", "insert", "pop", "popitem", "remove", "update", "clear", "setdefault", "reverse", "sort"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

class parser {
public:
  parser(const std::vector<token>& tokens, const std::vector<std::string>& allowed)
    : tokens_(tokens), allowed_(allowed) {}

  tl::expected<expression_ptr, syntax_error> run() {
    if (current().kind == token_kind::end)
      fail(current().at, "the expression is empty");
    auto e = parse_tuple_or_expression(token_kind::end, "");
    if (current().kind != token_kind::end)
      fail_unexpected("the end of the expression");
    if (error_)
      return tl::unexpected(*error_);
    return e;
  }

private:
  // -- errors ------------------------------------------------------------------

  /// Keeps the first error and jumps to the end, where every parse function comes to its own end without looping.
  expression_ptr fail(std::size_t at, std::string message) {
    if (!error_)
      error_ = syntax_error{std::move(message), at};
    next_ = tokens_.size() - 1;
    return std::make_unique<expression>();
  }

  expression_ptr fail_unexpected(const std::string& wanted) {
    auto found = current().kind == token_kind::end      ? std::string{"the expression ends"}
                 : current().kind == token_kind::string ? std::string{"a string stands"}
                                                        : "'" + current().text + "' stands";
    return fail(current().at, found + " where " + wanted + " is expected");
  }

  /// A node with its place and depth.
  template <class Node>
  expression_ptr make(std::size_t at, Node node) {
    auto e = std::make_unique<expression>();
    e->node = std::move(node);
    e->at = at;
    for (auto* child : children(*e))
      e->depth = std::max(e->depth, child->depth + 1);
    if (e->depth > limits::depth)
      return fail(at, "the expression is too deep");
    if constexpr (std::is_same_v<Node, attribute> || std::is_same_v<Node, subscript>)
      e->path = describe_path(*e);
    return e;
  }

  // -- tokens ------------------------------------------------------------------

  const token& current() const { return tokens_[next_]; }
  const token& look_ahead() const { return tokens_[std::min(next_ + 1, tokens_.size() - 1)]; }
  void advance() { next_ = std::min(next_ + 1, tokens_.size() - 1); }

  bool is_symbol(std::string_view text) const { return current().kind == token_kind::symbol && current().text == text; }
  bool is_name(std::string_view text) const { return current().kind == token_kind::name && current().text == text; }

  bool skip_symbol(std::string_view text) {
    bool found = is_symbol(text);
    if (found)
      advance();
    return found;
  }

  bool skip_name(std::string_view text) {
    bool found = is_name(text);
    if (found)
      advance();
    return found;
  }

  void expect_symbol(std::string_view text) {
    if (!skip_symbol(text))
      fail_unexpected("'" + std::string{text} + "'");
  }

  std::string expect_name(const char* what) {
    if (current().kind != token_kind::name) {
      fail_unexpected(what);
      return {};
    }
    auto name = current().text;
    advance();
    return name;
  }

  /// Counts the levels of descent, which bounds the stack.
  class level {
  public:
    explicit level(parser& p) : parser_(p) {
      if (++parser_.nesting_ > limits::nesting)
        parser_.fail(parser_.current().at, "the expression is nested too deeply");
    }
    ~level() { --parser_.nesting_; }
    level(const level&) = delete;
    level& operator=(const level&) = delete;

  private:
    parser& parser_;
  };

  // -- operators, loosest first -------------------------------------------------

  expression_ptr parse_expression() {
    level guard{*this};
    auto then = parse_or();
    while (is_name("if")) {
      auto at = current().at;
      advance();
      auto test = parse_or();
      expression_ptr otherwise;
      if (skip_name("else"))
        otherwise = parse_expression();
      then = make(at, conditional{std::move(test), std::move(then), std::move(otherwise)});
    }
    return then;
  }

  expression_ptr parse_or() {
    return parse_logical(false, "or", [this] { return parse_and(); });
  }

  expression_ptr parse_and() {
    return parse_logical(true, "and", [this] { return parse_not(); });
  }

  template <class Operand>
  expression_ptr parse_logical(bool is_and, std::string_view word, Operand operand) {
    auto at = current().at;
    auto first = operand();
    if (!is_name(word))
      return first;
    logical node{is_and, {}};
    node.operands.push_back(std::move(first));
    while (skip_name(word))
      node.operands.push_back(operand());
    return make(at, std::move(node));
  }

  expression_ptr parse_not() {
    auto at = current().at;
    if (!is_name("not"))
      return parse_comparison();
    level guard{*this};
    advance();
    return make(at, unary{unary_operator::logical_not, parse_not()});
  }

  std::optional<comparison_operator> skip_comparison_operator() {
    struct entry {
      std::string_view text;
      comparison_operator op;
    };
    static constexpr std::array entries = {
      entry{"==", comparison_operator::equal},  entry{"!=", comparison_operator::not_equal},
      entry{"<", comparison_operator::less},    entry{"<=", comparison_operator::less_equal},
      entry{">", comparison_operator::greater}, entry{">=", comparison_operator::greater_equal},
    };
    for (auto& [text, op] : entries) {
      if (skip_symbol(text))
        return op;
    }
    if (skip_name("in"))
      return comparison_operator::in;
    if (is_name("not") && look_ahead().kind == token_kind::name && look_ahead().text == "in") {
      advance();
      advance();
      return comparison_operator::not_in;
    }
    return std::nullopt;
  }

  expression_ptr parse_comparison() {
    auto at = current().at;
    auto first = parse_sum();
    comparison node;
    while (auto op = skip_comparison_operator())
      node.rest.emplace_back(*op, parse_sum());
    if (node.rest.empty())
      return first;
    node.first = std::move(first);
    return make(at, std::move(node));
  }

  struct binary_entry {
    std::string_view text;
    binary_operator op;
  };

  /// Operators of one rank, from left to right; so is `**`, as in Jinja and unlike Python.
  template <std::size_t Size, class Operand>
  expression_ptr parse_binary(const std::array<binary_entry, Size>& entries, Operand operand) {
    auto left = operand();
    for (;;) {
      auto at = current().at;
      auto found = std::find_if(entries.begin(), entries.end(), [this](auto& entry) { return is_symbol(entry.text); });
      if (found == entries.end())
        return left;
      advance();
      auto right = operand();
      left = make(at, binary{found->op, std::move(left), std::move(right)});
    }
  }

  expression_ptr parse_sum() {
    static constexpr std::array entries
      = {binary_entry{"+", binary_operator::add}, binary_entry{"-", binary_operator::subtract}};
    return parse_binary(entries, [this] { return parse_concatenation(); });
  }

  expression_ptr parse_concatenation() {
    auto at = current().at;
    auto first = parse_product();
    if (!is_symbol("~"))
      return first;
    concatenation node;
    node.parts.push_back(std::move(first));
    while (skip_symbol("~"))
      node.parts.push_back(parse_product());
    return make(at, std::move(node));
  }

  expression_ptr parse_product() {
    static constexpr std::array entries
      = {binary_entry{"*", binary_operator::multiply}, binary_entry{"/", binary_operator::divide},
         binary_entry{"//", binary_operator::floor_divide}, binary_entry{"%", binary_operator::modulo}};
    return parse_binary(entries, [this] { return parse_power(); });
  }

  expression_ptr parse_power() {
    static constexpr std::array entries = {binary_entry{"**", binary_operator::power}};
    return parse_binary(entries, [this] { return parse_unary(true); });
  }

  expression_ptr parse_unary(bool with_filters) {
    level guard{*this};
    auto at = current().at;
    expression_ptr e;
    if (is_symbol("-") || is_symbol("+")) {
      auto op = is_symbol("-") ? unary_operator::negative : unary_operator::positive;
      advance();
      e = make(at, unary{op, parse_unary(false)});
    } else {
      e = parse_primary();
    }
    e = parse_postfix(std::move(e));
    return with_filters ? parse_filters_and_tests(std::move(e)) : std::move(e);
  }

  // -- primaries ------------------------------------------------------------------

  expression_ptr parse_primary() {
    auto& t = current();
    switch (t.kind) {
      case token_kind::name:
        return parse_name();
      case token_kind::integer:
        advance();
        return make(t.at, constant{make_integer(t.text)});
      case token_kind::floating:
        advance();
        return make(t.at, constant{value{*read_float(t.text)}});
      case token_kind::string:
        return parse_strings();
      case token_kind::symbol:
        if (skip_symbol("("))
          return parse_parentheses();
        if (skip_symbol("["))
          return parse_list(t.at);
        if (skip_symbol("{"))
          return parse_dict(t.at);
        break;
      case token_kind::end:
        break;
    }
    return fail_unexpected("a value");
  }

  /// Neighbouring strings are one.
  expression_ptr parse_strings() {
    auto at = current().at;
    std::string text;
    for (; current().kind == token_kind::string; advance())
      text += current().text;
    return make(at, constant{value{std::move(text)}});
  }

  expression_ptr parse_name() {
    auto at = current().at;
    auto name = current().text;
    if (name == "true" || name == "True" || name == "false" || name == "False") {
      advance();
      return make(at, constant{value{name == "true" || name == "True"}});
    }
    if (name == "none" || name == "None") {
      advance();
      return make(at, constant{object{}});
    }
    static constexpr std::array reserved = {"and", "or", "not", "if", "else", "in", "is"};
    if (std::find(reserved.begin(), reserved.end(), name) != reserved.end())
      return fail_unexpected("a value");
    advance();
    if (std::find(allowed_.begin(), allowed_.end(), name) != allowed_.end())
      return make(at, variable{std::move(name)});
    if (auto* function = find_function(name))
      return parse_function(at, *function);
    return fail_unknown_name(at, name);
  }

  expression_ptr fail_unknown_name(std::size_t at, const std::string& name) {
    if (name == "stream_state")
      return fail(at, "'stream_state' cannot be used in templates any more, use 'stream_interval'");
    if (is_unsupported_function(name))
      return fail(at, "the function '" + name + "' is not supported");
    auto known = function_names();
    known.insert(known.end(), allowed_.begin(), allowed_.end());
    std::string here;
    for (auto& variable_name : allowed_)
      here += (here.empty() ? "" : ", ") + variable_name;
    return fail(at, "the name '" + name + "' is not known here" + suggestion(name, known)
                      + (here.empty() ? " (there are no variables here)" : " (the variables here are " + here + ")"));
  }

  expression_ptr parse_function(std::size_t at, const builtin& function) {
    if (!is_symbol("("))
      return fail(at, "'" + std::string{function.name} + "' is a function: write " + std::string{function.name} + "()");
    auto arguments = parse_arguments();
    check_call(at, function, arguments);
    return make(at, function_call{&function, std::move(arguments)});
  }

  /// Behind an opening parenthesis: an expression, or a tuple.
  expression_ptr parse_parentheses() {
    auto e = parse_tuple_or_expression(token_kind::symbol, ")");
    expect_symbol(")");
    return e;
  }

  bool is_at(token_kind kind, std::string_view text) const {
    return kind == token_kind::end ? current().kind == kind : is_symbol(text);
  }

  expression_ptr parse_tuple_or_expression(token_kind end, std::string_view end_text) {
    auto at = current().at;
    sequence_display node{{}, true};
    while (!is_at(end, end_text)) {
      auto item = parse_expression();
      bool comma = skip_symbol(",");
      if (!comma && node.items.empty())
        return item;
      node.items.push_back(std::move(item));
      if (!comma)
        break;
    }
    return make_display(at, std::move(node));
  }

  /// A list or tuple; one of constants is a constant itself.
  expression_ptr make_display(std::size_t at, sequence_display node) {
    std::vector<object> items;
    for (auto& e : node.items) {
      if (auto* item = std::get_if<constant>(&e->node))
        items.push_back(item->x);
    }
    if (items.size() < node.items.size())
      return make(at, std::move(node));
    return make(at, constant{make_sequence(std::move(items), node.is_tuple)});
  }

  expression_ptr parse_list(std::size_t at) {
    sequence_display node;
    while (!is_symbol("]")) {
      node.items.push_back(parse_expression());
      if (!skip_symbol(","))
        break;
    }
    expect_symbol("]");
    return make_display(at, std::move(node));
  }

  expression_ptr parse_dict(std::size_t at) {
    dict_display node;
    while (!is_symbol("}")) {
      auto key = parse_expression();
      expect_symbol(":");
      auto x = parse_expression();
      node.items.emplace_back(std::move(key), std::move(x));
      if (!skip_symbol(","))
        break;
    }
    expect_symbol("}");
    if (node.items.empty())
      return make(at, constant{value{value_dict{}}});
    return make(at, std::move(node));
  }

  // -- what follows a primary ------------------------------------------------------

  expression_ptr parse_postfix(expression_ptr e) {
    for (;;) {
      auto at = current().at;
      if (skip_symbol("."))
        e = parse_dot(at, std::move(e));
      else if (skip_symbol("["))
        e = parse_subscript(at, std::move(e));
      else if (is_symbol("("))
        return fail(at, "only functions and methods can be called");
      else
        return e;
    }
  }

  expression_ptr parse_dot(std::size_t at, expression_ptr base) {
    if (current().kind == token_kind::integer) {
      auto index = parse_primary();
      return make(at, subscript{std::move(base), std::move(index)});
    }
    auto name = expect_name("a name behind '.'");
    if (!is_symbol("("))
      return make(at, attribute{std::move(base), name, is_method(name)});
    if (!is_method(name)) {
      if (is_mutator(name))
        return fail(at, "the method '" + name + "' is not supported: templates cannot change values");
      return fail(at, "the method '" + name + "' is not known" + suggestion(name, method_names()));
    }
    return make(at, method_call{std::move(base), std::move(name), parse_arguments()});
  }

  expression_ptr parse_subscript(std::size_t at, expression_ptr base) {
    slice_of node;
    bool is_slice = is_symbol(":");
    if (!is_slice) {
      node.first = parse_expression();
      is_slice = is_symbol(":");
    }
    if (!is_slice) {
      expect_symbol("]");
      return make(at, subscript{std::move(base), std::move(node.first)});
    }
    advance();
    if (!is_symbol(":") && !is_symbol("]"))
      node.last = parse_expression();
    if (skip_symbol(":") && !is_symbol("]"))
      node.step = parse_expression();
    expect_symbol("]");
    node.base = std::move(base);
    return make(at, std::move(node));
  }

  call_arguments parse_arguments() {
    expect_symbol("(");
    call_arguments arguments;
    while (!is_symbol(")")) {
      if (is_symbol("*") || is_symbol("**"))
        fail(current().at, "'*' and '**' arguments are not supported");
      bool named
        = current().kind == token_kind::name && look_ahead().kind == token_kind::symbol && look_ahead().text == "=";
      if (named) {
        auto name = expect_name("a name");
        advance();
        arguments.named.emplace_back(std::move(name), parse_expression());
      } else if (!arguments.named.empty()) {
        fail(current().at, "a positional argument follows a named one");
      } else {
        arguments.positional.push_back(parse_expression());
      }
      if (!skip_symbol(","))
        break;
    }
    expect_symbol(")");
    return arguments;
  }

  void check_call(std::size_t at, const builtin& called, const call_arguments& arguments) {
    std::vector<std::string_view> names;
    for (auto& [name, ignored] : arguments.named)
      names.push_back(name);
    if (auto message = called.mismatch(arguments.positional.size(), names); !message.empty())
      fail(at, std::move(message));
  }

  expression_ptr parse_filters_and_tests(expression_ptr e) {
    for (;;) {
      auto at = current().at;
      if (skip_symbol("|"))
        e = parse_filter(at, std::move(e));
      else if (skip_name("is"))
        e = parse_test(at, std::move(e));
      else if (is_symbol("("))
        return fail(at, "only functions and methods can be called");
      else
        return e;
    }
  }

  expression_ptr parse_filter(std::size_t at, expression_ptr base) {
    auto name = expect_name("the name of a filter");
    auto* filter = find_filter(name);
    if (filter == nullptr) {
      if (is_unsupported_filter(name))
        return fail(at, "the filter '" + name + "' is not supported");
      return fail(at, "the filter '" + name + "' is not known" + suggestion(name, filter_names()));
    }
    filter_call node{std::move(base), filter, {}, nullptr};
    if (is_symbol("("))
      node.arguments = parse_arguments();
    check_call(at, *filter, node.arguments);
    if (filter->parameters.size() > 0 && filter->parameters[0] == "regex")
      node.pattern = compile_pattern(node.arguments);
    return make(at, std::move(node));
  }

  /// A literal pattern is compiled, and its errors found, once.
  std::shared_ptr<const re2::RE2> compile_pattern(const call_arguments& arguments) {
    auto* e = !arguments.positional.empty() ? arguments.positional[0].get() : nullptr;
    for (auto& [name, argument] : arguments.named) {
      if (name == "regex")
        e = argument.get();
    }
    auto* literal = e == nullptr ? nullptr : std::get_if<constant>(&e->node);
    if (literal == nullptr || literal->x.as_string() == nullptr)
      return nullptr;
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto pattern = std::make_shared<const re2::RE2>(*literal->x.as_string(), options);
    if (!pattern->ok())
      fail(e->at, "the regular expression is not valid or not supported: " + pattern->error());
    return pattern;
  }

  expression_ptr parse_test(std::size_t at, expression_ptr base) {
    bool negated = skip_name("not");
    auto name = expect_name("the name of a test");
    auto* test = find_test(name);
    if (test == nullptr)
      return fail(at, "the test '" + name + "' is not known" + suggestion(name, test_names()));
    test_call node{std::move(base), test, {}, negated};
    if (is_symbol("("))
      node.arguments = parse_arguments();
    else if (test->required > 0) // `is divisibleby 3`
      node.arguments.positional.push_back(parse_postfix(parse_primary()));
    check_call(at, *test, node.arguments);
    return make(at, std::move(node));
  }

  const std::vector<token>& tokens_;
  const std::vector<std::string>& allowed_;
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
  std::optional<syntax_error> error_;
};

} // namespace

tl::expected<expression_ptr, syntax_error> parse_expression(const std::vector<token>& tokens,
                                                            const std::vector<std::string>& allowed) {
  return parser{tokens, allowed}.run();
}

} // namespace sluice::language::detail
