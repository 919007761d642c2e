@{
    IncludeDefaultRules = $true
    Severity            = @('Error', 'Warning', 'Information')
    ExcludeRules        = @(
        # Pester's blocks share variables in a way that the analyzer cannot see.
        'PSUseDeclaredVarsMoreThanAssignments'
        # Nor does it see a script's parameters in the functions of the script.
        'PSReviewUnusedParameter'
    )
    Rules               = @{
        PSUseConsistentIndentation = @{ Enable = $true; IndentationSize = 4; Kind = 'space'; PipelineIndentation = 'IncreaseIndentationForFirstPipeline' }
        PSUseConsistentWhitespace  = @{ Enable = $true; CheckInnerBrace = $true; CheckOpenBrace = $true; CheckPipe = $true; CheckSeparator = $true; CheckOperator = $false }
        PSPlaceOpenBrace           = @{ Enable = $true; OnSameLine = $true; NewLineAfter = $false; IgnoreOneLineBlock = $true }
        PSAlignAssignmentStatement = @{ Enable = $true; CheckHashtable = $true }
        PSAvoidUsingPositionalParameters = @{ CommandAllowList = @('Invoke-Dotnet') }
        PSAvoidUsingCmdletAliases  = @{ Enable = $true }
        PSUseCompatibleSyntax      = @{ Enable = $true; TargetVersions = @('7.0') }
        PSAvoidLongLines           = @{ Enable = $true; MaximumLineLength = 160 }
    }
}
