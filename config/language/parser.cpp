#include "config/language/parser.hpp"

#include "config/language/builtins/method_tables.hpp"
#include "config/language/expression_parser.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace sluice::language::detail {

namespace {

/// The names that end bodies: what `parse_body` stops at.
using end_names = std::initializer_list<std::string_view>;

/// Parses what a template was cut into: text, expressions and statements.
class template_parser final : public expression_parser {
public:
  template_parser(std::vector<piece> pieces, symbol_table& names)
    : expression_parser(names), pieces_(std::move(pieces)) {
    for (auto& piece : pieces_) {
      if (std::any_of(piece.tokens.begin(), piece.tokens.end(), [](auto& t) { return changes_its_object(t.text); }))
        expect_changes();
    }
  }

  tl::expected<body, syntax_error> run() {
    auto parts = parse_body({});
    if (error())
      return tl::unexpected(*error());
    if (auto problem = unknown())
      return tl::unexpected(*problem);
    return parts;
  }

private:
  /// Up to a statement with one of these names, whose name is read then; the end of the template, if there are none.
  body parse_body(end_names ends) {
    level guard{*this};
    body parts;
    std::size_t opened = next_ == 0 ? 0 : pieces_[next_ - 1].tokens.empty() ? 0 : pieces_[next_ - 1].tokens[0].at;
    while (next_ < pieces_.size() && !error()) {
      auto& piece = pieces_[next_++];
      if (piece.tokens.empty()) {
        parts.push_back({std::move(piece.text), nullptr, nullptr});
        continue;
      }
      read(piece.tokens);
      if (!piece.is_statement) {
        if (is_end())
          fail(current().at, "the expression is empty");
        parts.push_back({{}, parse_tuple(), nullptr});
        expect_end();
        continue;
      }
      if (std::any_of(ends.begin(), ends.end(), [this](auto name) { return is_name(name); })) {
        ended_by_ = current().text;
        advance();
        return parts;
      }
      parse_statement(parts);
    }
    if (ends.size() > 0 && !error()) {
      std::string wanted;
      for (auto name : ends)
        wanted += (wanted.empty() ? "'" : ", '") + std::string{name} + "'";
      fail(opened, "the statement that starts here has no end: " + wanted + " is missing");
    }
    return parts;
  }

  void expect_end() {
    if (!is_end())
      fail_unexpected("the end of the " + std::string{pieces_[next_ - 1].is_statement ? "statement" : "expression"});
  }

  /// A body behind a statement's head, which may end with a colon.
  body parse_block(end_names ends) {
    skip_symbol(":");
    expect_end();
    return parse_body(ends);
  }

  /// The same with a scope of its own, which has been opened.
  body parse_scope(end_names ends) {
    auto parts = parse_block(ends);
    names().close_scope();
    return parts;
  }

  void parse_statement(body& parts) {
    auto at = current().at;
    auto name = expect_name("the name of a statement");
    using method = void (template_parser::*)(body&, std::size_t);
    struct entry {
      std::string_view name;
      method parse;
    };
    static constexpr std::array entries = {
      entry{"if", &template_parser::parse_if},           entry{"for", &template_parser::parse_for},
      entry{"set", &template_parser::parse_set},         entry{"macro", &template_parser::parse_macro},
      entry{"call", &template_parser::parse_call_block}, entry{"filter", &template_parser::parse_filter_block},
      entry{"with", &template_parser::parse_with},       entry{"block", &template_parser::parse_named_block},
      entry{"print", &template_parser::parse_print},     entry{"autoescape", &template_parser::parse_autoescape},
      entry{"include", &template_parser::parse_include}, entry{"extends", &template_parser::parse_include},
      entry{"import", &template_parser::parse_import},   entry{"from", &template_parser::parse_import},
    };
    auto found = std::find_if(entries.begin(), entries.end(), [&](auto& e) { return e.name == name; });
    if (found == entries.end()) {
      if (!error())
        fail(at, "there is no statement '" + name + "'");
      return;
    }
    (this->*found->parse)(parts, at);
    expect_end();
  }

  template <class Node>
  void add(body& parts, std::size_t at, Node node) {
    auto made = std::make_unique<statement>();
    made->node = std::move(node);
    made->at = at;
    parts.push_back({{}, nullptr, std::move(made)});
  }

  void parse_if(body& parts, std::size_t at) {
    choice node;
    auto known = unknown_names();
    node.branches.emplace_back(parse_tuple_before(""), body{});
    names().open_branches();
    node.branches.back().second = parse_block({"elif", "else", "endif"});
    // Each `elif` is looked at as a choice of its own behind the first, as Jinja does.
    names().next_branch();
    while (ended_by_ == "elif" && !error()) {
      auto condition = parse_tuple_before("");
      names().open_branches();
      node.branches.emplace_back(std::move(condition), parse_block({"elif", "else", "endif"}));
      names().next_branch();
      names().close_branches();
    }
    names().next_branch();
    if (ended_by_ == "else" && !error())
      node.otherwise = parse_block({"endif"});
    names().close_branches();
    forgive_unknown(known);
    add(parts, at, std::move(node));
  }

  void parse_for(body& parts, std::size_t at) {
    loop node;
    // The target belongs to scopes that are opened behind it: its tokens are read again there.
    auto target_at = mark();
    skip_target("in");
    if (!skip_name("in"))
      fail_unexpected("'in'");
    node.iterable = parse_tuple_before("recursive");
    if (is_name("if")) {
      node.condition_layout = names().open_scope();
      auto condition_at = mark();
      go_to(target_at);
      node.condition_item = parse_target("in", true);
      go_to(condition_at);
      advance();
      node.condition = parse_expression();
      names().close_scope();
    }
    node.is_recursive = skip_name("recursive");
    node.layout = names().open_scope();
    auto head_end = mark();
    go_to(target_at);
    node.item = parse_target("in", true);
    note_origin(node.item, *node.iterable);
    go_to(head_end);
    node.inner = parse_block({"endfor", "else"});
    node.variable = names().implied_parameter("loop");
    names().close_scope();
    node.otherwise_layout = names().open_scope();
    if (ended_by_ == "else" && !error())
      node.otherwise = parse_block({"endfor"});
    names().close_scope();
    add(parts, at, std::move(node));
  }

  void parse_set(body& parts, std::size_t at) {
    auto target_at = mark();
    skip_target("=");
    if (skip_symbol("=")) {
      assignment node;
      node.x = parse_tuple();
      auto end = mark();
      go_to(target_at);
      node.to = parse_target("=", false);
      go_to(end);
      note_origin(node.to, *node.x);
      add(parts, at, std::move(node));
      return;
    }
    block_assignment node;
    go_to(target_at);
    node.to = parse_target("|", false);
    node.filtered = make(current().at, block_text{});
    if (skip_symbol("|"))
      node.filtered = parse_filters(std::move(node.filtered));
    node.layout = names().open_scope();
    node.inner = parse_scope({"endset"});
    add(parts, at, std::move(node));
  }

  /// What is a plain part of a given variable is quoted as the variable is.
  void note_origin(const target& to, const expression& x) {
    auto path = describe_path(x);
    if (to.variable != nullptr && to.attribute.empty() && !path.empty())
      names().set_origin(to.variable, path.substr(0, path.find('.')));
  }

  void parse_macro(body& parts, std::size_t at) {
    macro node;
    auto name_at = current().at;
    auto name = expect_name("the name of the macro");
    node.variable = names().store(name, name_at);
    node.definition = parse_definition(std::move(name), {"endmacro"}, true, std::nullopt);
    add(parts, at, std::move(node));
  }

  /// Parameters, if there are some, and a body; the head goes on at `head`, if it does not here.
  std::shared_ptr<const macro_definition> parse_definition(std::string name, end_names end, bool has_parameters,
                                                           std::optional<std::size_t> head) {
    auto made = std::make_shared<macro_definition>();
    made->name = std::move(name);
    made->layout = names().open_scope();
    if (has_parameters)
      parse_parameters(*made);
    if (head)
      go_to(*head);
    made->inner = parse_block(end);
    made->caller = names().implied_parameter("caller");
    made->named = names().implied_parameter("kwargs");
    made->rest = names().implied_parameter("varargs");
    names().close_scope();
    return made;
  }

  void parse_parameters(macro_definition& to) {
    expect_symbol("(");
    while (!is_symbol(")") && !error()) {
      auto at = current().at;
      to.parameters.push_back(names().parameter(expect_name("the name of a parameter"), at));
      if (skip_symbol("="))
        to.defaults.push_back(parse_expression());
      else if (!to.defaults.empty())
        fail(at, "a parameter without a default follows one with a default");
      if (!skip_symbol(","))
        break;
    }
    expect_symbol(")");
  }

  void parse_call_block(body& parts, std::size_t at) {
    call_block node;
    // The call stands behind the parameters, but belongs to the scope around.
    auto head = mark();
    bool has_parameters = is_symbol("(");
    if (has_parameters)
      skip_parentheses();
    node.call = parse_expression();
    if (std::get_if<function_call>(&node.call->node) == nullptr
        && std::get_if<method_call>(&node.call->node) == nullptr)
      fail(at, "a call is needed here");
    auto end = mark();
    go_to(head);
    node.caller = parse_definition("caller", {"endcall"}, has_parameters, end);
    add(parts, at, std::move(node));
  }

  void parse_filter_block(body& parts, std::size_t at) {
    filter_block node;
    node.filtered = parse_filters(make(current().at, block_text{}));
    node.layout = names().open_scope();
    node.inner = parse_scope({"endfilter"});
    add(parts, at, std::move(node));
  }

  void parse_with(body& parts, std::size_t at) {
    scope_block node;
    std::vector<std::size_t> targets;
    while (!is_end() && !is_symbol(":") && !error()) {
      targets.push_back(mark());
      skip_target("=");
      expect_symbol("=");
      node.variables.emplace_back(target{}, parse_expression());
      if (!skip_symbol(","))
        break;
    }
    auto end = mark();
    node.layout = names().open_scope();
    for (std::size_t i = 0; i < targets.size(); ++i) {
      go_to(targets[i]);
      node.variables[i].first = parse_target("=", true);
    }
    go_to(end);
    node.inner = parse_scope({"endwith"});
    add(parts, at, std::move(node));
  }

  void parse_named_block(body& parts, std::size_t at) {
    scope_block node;
    auto name = expect_name("the name of the block");
    if (!names().add_block(name))
      fail(at, "there are two blocks '" + name + "'");
    skip_name("scoped");
    skip_name("required");
    node.layout = names().open_scope();
    node.inner = parse_scope({"endblock"});
    skip_name(name);
    add(parts, at, std::move(node));
  }

  void parse_print(body& parts, std::size_t at) {
    if (is_end())
      fail(at, "the statement is empty");
    while (!is_end() && !error()) {
      parts.push_back({{}, parse_expression(), nullptr});
      if (!is_end())
        expect_symbol(",");
    }
  }

  /// Nothing escapes: the template's text is no HTML, and says so by itself where it wants to be.
  void parse_autoescape(body& parts, std::size_t at) {
    auto how = parse_expression();
    auto* constant_how = std::get_if<constant>(&how->node);
    if (constant_how == nullptr || truthy(constant_how->x))
      fail(at, "only '{% autoescape false %}' is supported: what templates make here is no HTML");
    scope_block node;
    node.layout = names().open_scope();
    node.inner = parse_scope({"endautoescape"});
    add(parts, at, std::move(node));
  }

  void parse_include(body& parts, std::size_t at) {
    (void)parse_expression();
    skip_to_end();
    add(parts, at, inclusion{});
  }

  void parse_import(body& parts, std::size_t at) {
    (void)parse_expression();
    if (skip_name("as") || skip_name("import")) {
      while (!is_end() && !error()) {
        auto name_at = current().at;
        auto name = expect_name("a name");
        if (skip_name("as"))
          name = expect_name("a name");
        if (name != "with" && name != "without" && name != "context")
          names().store(name, name_at);
        skip_symbol(",");
      }
    }
    add(parts, at, inclusion{});
  }

  // -- targets of assignments ---------------------------------------------------------

  /// `a`, `a, (b, c)`, and `a.b`, unless the target is one of a loop.
  target parse_target(std::string_view end, bool is_parameter) {
    target to = parse_one_target(is_parameter);
    if (!is_symbol(","))
      return to;
    target several;
    several.items.push_back(std::move(to));
    while (skip_symbol(",") && !is_symbol(end) && !is_name(end) && !is_symbol(")") && !error())
      several.items.push_back(parse_one_target(is_parameter));
    return several;
  }

  target parse_one_target(bool is_parameter) {
    level guard{*this};
    if (skip_symbol("(")) {
      auto to = parse_target(")", is_parameter);
      expect_symbol(")");
      return to;
    }
    auto at = current().at;
    auto name = expect_name("the name of a variable");
    static constexpr std::array constants = {"true", "True", "false", "False", "none", "None"};
    if (std::find(constants.begin(), constants.end(), name) != constants.end())
      fail(at, "'" + name + "' cannot be set");
    if (is_parameter && name == "loop")
      fail(at, "'loop' cannot be the variable of a loop");
    if (!is_parameter && skip_symbol("."))
      return {names().load(std::move(name), at), expect_name("the name of an attribute"), {}};
    return {is_parameter ? names().parameter(std::move(name), at) : names().store(std::move(name), at), {}, {}};
  }

  void skip_target(std::string_view end) {
    while (!is_end() && !is_symbol(end) && !is_name(end))
      advance();
  }

  void skip_parentheses() {
    std::size_t open = 0;
    do {
      open += is_symbol("(") ? 1 : 0;
      open -= is_symbol(")") ? 1 : 0;
      advance();
    } while (open > 0 && !is_end());
  }

  void skip_to_end() {
    while (!is_end())
      advance();
  }

  std::vector<piece> pieces_;
  std::size_t next_ = 0;
  std::string ended_by_;
};

} // namespace

tl::expected<std::shared_ptr<const program>, syntax_error> parse_template(std::string_view source,
                                                                          const std::vector<std::string>& given) {
  auto pieces = cut(source);
  if (!pieces)
    return tl::unexpected(pieces.error());
  auto compiled = std::make_shared<program>();
  compiled->source = source;
  auto names = std::make_shared<symbol_table>();
  auto parts = template_parser{std::move(*pieces), *names}.run();
  if (!parts)
    return tl::unexpected(parts.error());
  if (auto problem = names->resolve(given))
    return tl::unexpected(*problem);
  compiled->parts = std::move(*parts);
  compiled->layout = names->outermost();
  compiled->names = std::move(names);
  return compiled;
}

} // namespace sluice::language::detail
