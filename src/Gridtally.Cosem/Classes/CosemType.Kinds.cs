using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Classes;

/// <content>The kinds of types.</content>
public abstract partial record CosemType
{
    /// <summary>A CHOICE of anything.</summary>
    public sealed record AnyType : CosemType
    {
        internal AnyType() { }

        private protected override bool TryStepOver(ref AxdrReader reader) => reader.TrySkip(out _);

        /// <inheritdoc/>
        public override string ToString() => "CHOICE";
    }

    /// <summary>One of some simple types.</summary>
    public sealed record SimpleType : CosemType
    {
        internal SimpleType(DataTag[] tags) => Tags = tags;

        /// <summary>The types that are allowed; one, where there is no choice.</summary>
        public IReadOnlyList<DataTag> Tags { get; }

        private protected override bool TryStepOver(ref AxdrReader reader) =>
            reader.Peek is { } tag && Array.IndexOf((DataTag[])Tags, tag) >= 0 && reader.TrySkip(out _);

        /// <inheritdoc/>
        public override string ToString() => Tags.Count == 1 ? DataTags.NameOf(Tags[0]) : this == Value ? "CHOICE of simple types" : $"CHOICE ({string.Join(" | ", Tags.Select(DataTags.NameOf))})";
    }

    /// <summary>octet-string.</summary>
    public sealed record OctetsType : CosemType
    {
        internal OctetsType(int? length) => Length = length;

        /// <summary>Octets that it must have; null for any number.</summary>
        public int? Length { get; }

        private protected override bool TryStepOver(ref AxdrReader reader) =>
            reader.Peek == DataTag.OctetString && reader.TryReadOctets(out var octets) && (Length is null || octets.Length == Length);

        /// <inheritdoc/>
        public override string ToString() => Length is null ? "octet-string" : $"octet-string({Length})";
    }

    /// <summary>A logical name.</summary>
    public sealed record LogicalNameType : CosemType
    {
        internal LogicalNameType() { }

        private protected override bool TryStepOver(ref AxdrReader reader) => reader.Peek == DataTag.OctetString && reader.TryReadObis(out _);

        /// <inheritdoc/>
        public override string ToString() => "logical name";
    }

    /// <summary>bit-string.</summary>
    public sealed record BitsType : CosemType
    {
        internal BitsType(int? length) => Length = length;

        /// <summary>Bits that it must have; null for any number.</summary>
        public int? Length { get; }

        private protected override bool TryStepOver(ref AxdrReader reader)
        {
            if (reader.Peek != DataTag.BitString) return false;
            if (Length is null) return reader.TrySkip(out _);
            return reader.TryReadByte(out _) && reader.TryReadLength(out var bits) && bits == Length && reader.TryReadBytes((bits + 7) / 8, out _);
        }

        /// <inheritdoc/>
        public override string ToString() => Length is null ? "bit-string" : $"bit-string({Length})";
    }

    /// <summary>date-time, date or time: an octet-string of their size, or the tagged type.</summary>
    public sealed record MomentType : CosemType
    {
        internal MomentType(string name, int size, DataTag tag) => (Name, Size, Tag) = (name, size, tag);

        /// <summary>Name of the type.</summary>
        public string Name { get; }

        /// <summary>Its octets.</summary>
        public int Size { get; }

        /// <summary>The tag of the tagged form.</summary>
        public DataTag Tag { get; }

        private protected override bool TryStepOver(ref AxdrReader reader) => reader.Peek == Tag
            ? reader.TrySkip(out _)
            : reader.Peek == DataTag.OctetString && reader.TryReadOctets(out var octets) && octets.Length == Size;

        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>integer, 0 by convention.</summary>
    public sealed record NoParameterType : CosemType
    {
        internal NoParameterType() { }

        private protected override bool TryStepOver(ref AxdrReader reader) => reader.Peek == DataTag.Integer && reader.TrySkip(out _);

        /// <inheritdoc/>
        public override string ToString() => "integer(0)";
    }

    /// <summary>enum with named values.</summary>
    public sealed record EnumType : CosemType
    {
        internal EnumType(string name, EnumValue[] values, bool isMask) => (Name, Values, IsMask) = (name, values, isMask);

        /// <summary>Spelled as in the standard.</summary>
        public string Name { get; }

        /// <summary>Its values; manufacturers may use others.</summary>
        public IReadOnlyList<EnumValue> Values { get; }

        /// <summary>True where the values are bits that add up.</summary>
        public bool IsMask { get; }

        /// <summary>What a value means; null where the standard does not say.</summary>
        public string? NameOf(byte value)
        {
            foreach (var known in Values)
            {
                if (known.Value == value) return known.Name;
            }

            if (!IsMask || Values.Aggregate(0, (all, bit) => all | bit.Value) is var bits && (value & ~bits) != 0) return null;
            return string.Join(", ", Values.Where(bit => bit.Value != 0 && (value & bit.Value) == bit.Value).Select(bit => bit.Name));
        }

        private protected override bool TryStepOver(ref AxdrReader reader) => reader.Peek == DataTag.Enum && reader.TrySkip(out _);

        /// <inheritdoc/>
        public override string ToString() => $"enum {Name}";
    }

    /// <summary>structure of named fields.</summary>
    public sealed record StructureType : CosemType
    {
        internal StructureType(string name, FieldSpec[] fields) => (Name, Fields) = (name, fields);

        /// <summary>Spelled as in the standard.</summary>
        public string Name { get; }

        /// <summary>Its fields in their order.</summary>
        public IReadOnlyList<FieldSpec> Fields { get; }

        private protected override bool TryStepOver(ref AxdrReader reader)
        {
            if (!reader.TryReadStructureOf(Fields.Count)) return false;
            foreach (var field in Fields)
            {
                if (!field.Type.TryStepOver(ref reader)) return false;
            }

            return true;
        }

        /// <inheritdoc/>
        public override string ToString() => Name;
    }

    /// <summary>array of elements of one type.</summary>
    public sealed record ArrayType : CosemType
    {
        internal ArrayType(CosemType element) => Element = element;

        /// <summary>Type of each element.</summary>
        public CosemType Element { get; }

        private protected override bool TryStepOver(ref AxdrReader reader)
        {
            if (!reader.TryReadArray(out var count)) return false;
            for (var i = 0; i < count; i++)
            {
                if (!Element.TryStepOver(ref reader)) return false;
            }

            return true;
        }

        /// <inheritdoc/>
        public override string ToString() => $"array of {Element}";
    }

    /// <summary>CHOICE of types.</summary>
    public sealed record OneOfType : CosemType
    {
        internal OneOfType(CosemType[] types) => Types = types;

        /// <summary>The types that are allowed, the likeliest first.</summary>
        public IReadOnlyList<CosemType> Types { get; }

        private protected override bool TryStepOver(ref AxdrReader reader)
        {
            foreach (var type in Types)
            {
                // A failed reader stays failed, so each try has one of its own.
                var attempt = new AxdrReader(reader.Rest);
                if (type.TryStepOver(ref attempt)) return reader.TryReadBytes(attempt.Position, out _);
            }

            return false;
        }

        /// <inheritdoc/>
        public override string ToString() => $"CHOICE ({string.Join(" | ", Types)})";
    }
}
