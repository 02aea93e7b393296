#pragma once

#include "config/language/ast.hpp"
#include "config/language/context.hpp"
#include "config/language/lexer.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice::language::detail {

/// Walks over an expression's tokens, keeps the first error, and bounds depth: what every part of the parser does.
class token_reader {
protected:
  /// Goes to the first of these, which must outlive the reading of them and end with `token_kind::end`.
  void read(const std::vector<token>& tokens) {
    tokens_ = &tokens;
    next_ = error_ ? tokens.size() - 1 : 0;
  }

  // -- errors

  /// Keeps the first error and jumps to the end, where every parse function comes to its own end without looping.
  expression_ptr fail(std::size_t at, std::string message);
  expression_ptr fail_unexpected(const std::string& wanted);
  const std::optional<syntax_error>& error() const { return error_; }

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

  // -- tokens

  const token& current() const { return (*tokens_)[next_]; }
  const token& look_ahead() const { return (*tokens_)[std::min(next_ + 1, tokens_->size() - 1)]; }
  void advance() { next_ = std::min(next_ + 1, tokens_->size() - 1); }

  bool is_symbol(std::string_view text) const { return current().kind == token_kind::symbol && current().text == text; }
  bool is_name(std::string_view text) const { return current().kind == token_kind::name && current().text == text; }
  bool is_end() const { return current().kind == token_kind::end; }
  bool skip_symbol(std::string_view text);
  bool skip_name(std::string_view text);
  /// A place among the tokens, to come back to.
  std::size_t mark() const { return next_; }
  void go_to(std::size_t place) { next_ = error_ ? tokens_->size() - 1 : place; }
  void expect_symbol(std::string_view text);
  /// @param what it is, for the error if no name comes.
  std::string expect_name(const char* what);

  /// Counts the levels of descent, which bounds the stack.
  class level {
  public:
    explicit level(token_reader& reader) : reader_(reader) {
      if (++reader_.nesting_ > limits::nesting)
        reader_.fail(reader_.current().at, "the expression is nested too deeply");
    }
    ~level() { --reader_.nesting_; }
    level(const level&) = delete;
    level& operator=(const level&) = delete;

  private:
    token_reader& reader_;
  };

private:
  const std::vector<token>* tokens_ = nullptr;
  std::size_t next_ = 0;
  std::size_t nesting_ = 0;
  std::optional<syntax_error> error_;
};

} // namespace sluice::language::detail
