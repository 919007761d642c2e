namespace ImageCache.Engine;

/// <summary>
/// A name, or a pattern as PowerShell has them: <c>*</c> any text, <c>?</c> one character, <c>[a-z]</c> one of a set; a backtick
/// makes the next character an ordinary one. Case does not matter. Matching takes time in proportion to pattern times name, at worst.
/// </summary>
public sealed class NamePattern
{
    private readonly Token[] _tokens;

    /// <summary>Reads a pattern. Every text is one: a bracket that is not closed stands for itself.</summary>
    public NamePattern(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        _tokens = [.. Read(pattern)];
        IsLiteral = _tokens.All(static token => token.Kind == TokenKind.Character);
        Literal = IsLiteral ? string.Concat(_tokens.Select(static token => token.Set[0])) : null;
    }

    /// <summary>Whether there is nothing in it to match with, so that it is a name.</summary>
    public bool IsLiteral { get; }

    /// <summary>The name, when it is one; backticks are gone.</summary>
    public string? Literal { get; }

    private enum TokenKind
    {
        Character,
        One,
        Any,
        Set,
    }

    /// <summary>Whether a name fits. A missing name fits only a pattern that fits no characters.</summary>
    public bool Matches(string? name)
    {
        name ??= string.Empty;
        int token = 0;
        int position = 0;
        int lastAny = -1;
        int retry = 0;
        while (position < name.Length)
        {
            if (token < _tokens.Length && _tokens[token].Kind == TokenKind.Any)
            {
                lastAny = token++;
                retry = position;
            }
            else if (token < _tokens.Length && _tokens[token].Fits(name[position]))
            {
                token++;
                position++;
            }
            else if (lastAny >= 0)
            {
                // Only the last star needs to be tried again: an earlier one could give nothing that this one cannot.
                token = lastAny + 1;
                position = ++retry;
            }
            else
            {
                return false;
            }
        }

        return _tokens.AsSpan(token).IndexOfAnyExcept(Token.Any) < 0;
    }

    private static IEnumerable<Token> Read(string pattern)
    {
        for (int position = 0; position < pattern.Length; position++)
        {
            char character = pattern[position];
            int end;
            if (character == '`' && position + 1 < pattern.Length)
            {
                yield return Token.Of(pattern[++position]);
            }
            else if (character == '[' && (end = pattern.IndexOf(']', position + 1)) > position + 1)
            {
                yield return new Token(TokenKind.Set, pattern[(position + 1)..end]);
                position = end;
            }
            else
            {
                yield return character switch { '*' => Token.Any, '?' => new Token(TokenKind.One, string.Empty), _ => Token.Of(character) };
            }
        }
    }

    private readonly record struct Token(TokenKind Kind, string Set)
    {
        public static Token Any { get; } = new(TokenKind.Any, string.Empty);

        public static Token Of(char character) => new(TokenKind.Character, character.ToString());

        public bool Fits(char character) => Kind switch
        {
            TokenKind.Character => Same(Set[0], character),
            TokenKind.One => true,
            TokenKind.Set => Holds(Set, character),
            _ => false,
        };

        private static bool Holds(string set, char character)
        {
            for (int index = 0; index < set.Length; index++)
            {
                if (index + 2 < set.Length && set[index + 1] == '-')
                {
                    if (Between(set[index], set[index + 2], char.ToUpperInvariant(character))
                        || Between(set[index], set[index + 2], char.ToLowerInvariant(character)))
                    {
                        return true;
                    }

                    index += 2;
                }
                else if (Same(set[index], character))
                {
                    return true;
                }
            }

            return false;
        }

        private static bool Between(char first, char last, char character) => character >= first && character <= last;

        private static bool Same(char one, char other) => char.ToUpperInvariant(one) == char.ToUpperInvariant(other);
    }
}
