"""Eligibility inquiry and response (270 and 271 005010X279A1): loops, segments, elements and codes.

The notation is that of `schemas.x12.guide`; the facts are the implementation guide's. Subscriber (C) and dependent (D)
share their loops but for a few segments.
"""

from textwrap import indent

SERVICE_TYPES = (
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,30,32,33,"
    "34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,"
    "63,64,65,66,67,68,69,70,71,72,73,74,75,76,77,78,79,80,81,82,83,84,85,86,87,88,89,90,91,"
    "92,93,94,95,96,97,98,99,A0,A1,A2,A3,A4,A5,A6,A7,A8,A9,AA,AB,AC,AD,AE,AF,AG,AH,AI,AJ,AK,"
    "AL,AM,AN,AO,AQ,AR,B1,B2,B3,BA,BB,BC,BD,BE,BF,BG,BH,BI,BJ,BK,BL,BM,BN,BP,BQ,BR,BS,BT,BU,"
    "BV,BW,BX,BY,BZ,C1,CA,CB,CC,CD,CE,CF,CG,CH,CI,CJ,CK,CL,CM,CN,CO,CP,CQ,DG,DM,DS,GF,GN,GY,"
    "IC,MH,NI,ON,PT,PU,RN,RT,TC,TN,UC"
)
PROVIDERS = "AD,AT,BI,CO,CV,H,HH,LA,OT,P1,P2,PC,PE,R,RF,SB,SK,SU"
IDENTITIES = "18,1L,1W,3H,49,6P,CE,CT,EA,EJ,F6,GH,HJ,IF,IG,M7,MRC,N6,NQ,Q4,SY,Y4"
PERIODS = "6,7,13,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36"
FOLLOW_UPS = "C,N,P,R,S,W,X,Y"
SUBSCRIBER_RELATION = "1!=Y 2!=18 3=001 4=25"
DEPENDENT_RELATION = "1!=N 2!=01,19,20,21,34,39,40,53,G8 3=001 4=25"
DIAGNOSES = "HI S 1 1!(1!=ABK,BK 2! x3-9) 2-8(1!=ABF,BF 2! x3-9) x9-12"

SOURCE = "NM1 R 1 1!=2B,36,GP,P5,PR 2!=1,2 3! 8!=24,46,FI,NI,PI,XV,XX 9! x6,10-12"
RECEIVER = f"""\
NM1 R 1 1!=1P,2B,36,80,FA,GP,P5,PR 2!=1,2 8!=24,34,FI,PI,PP,SV,XV,XX 9! x6,10-12
REF S 9 1!=0B,1C,1D,1J,4A,CT,EL,EO,HPI,JD,N5,N7,Q4,SY,TJ 2! x4
N3 S 1 1!
N4 S 1 1! x5-6
@AAA
PRV S 1 1!={PROVIDERS} 2=PXC x4-6
"""
MEMBER = f"""\
NM1 R 1 1!=@NAME 2!=1,2 8=II,MI,ZZ x6,10-12
REF S 9 1!={IDENTITIES} 2! x4
N3 S 1 1!
N4 S 1 1! x5-6
@AAA
PRV S 1 1!={PROVIDERS} 2=9K,D3,EI,HPI,PXC,SY,TJ x4-6
DMG S 1 1=D8 3=F,M,U x4-11
INS S 1 @RELATION x5-16
{DIAGNOSES}
"""
ASKED = f"""\
DTP S 2 1!=102,291 2!=D8,RD8 3!
@2110@L S 99
  EQ R 1 1={SERVICE_TYPES} 2(1!=AD,CJ,HC,ID,IV,N4,ZZ 2! x7) 3=FAM,IND x4
  AMT S 1/ 1!=PB,R 2! x3
  III S 1 1!=ZZ 2! x3-9
  REF S 1 1!=9F,G1 2! x3-4
  DTP S 1 1!=291 2!=D8,RD8 3!
"""
ANSWERED = f"""\
DTP S 9 1!=096,102,152,291,307,318,340,341,342,343,346,347,356,357,382,435,442,458,472,539,540,636,771 2!=D8,RD8 3!
MPI S 1 1!=A,C,L,O,P,S,T 2!=AE,AO,AS,AT,AU,CC,DD,HD,IR,LX,PE,RE,RM,RR,RU
    3!=A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,Q,R,S,U,W 6=D8,RD8
@2110@L S >1
  EB R 1 1!=1,2,3,4,5,6,7,8,A,B,C,CB,D,E,F,G,H,I,J,K,L,M,MC,N,O,P,Q,R,S,T,U,V,W,X,Y
      2=CHD,DEP,ECH,EMP,ESP,FAM,IND,SPC,SPO 3={SERVICE_TYPES}
      4=12,13,14,15,16,41,42,43,47,AP,C1,CO,CP,D,DB,EP,FF,GP,HM,HN,HS,IN,IP,LC,LD,LI,LT,MA,MB,MC,MH,MI,MP,OT,PE,PL,PP,PR,PS,QM,RP,SP,TF,WC,WU
      6={PERIODS} 9=8H,99,CA,CE,D3,DB,DY,HS,LA,LE,M2,MN,P6,QA,S7,S8,VS,YY 11=N,U,Y 12=N,U,W,Y
      13(1!=AD,CJ,HC,ID,IV,N4,ZZ 2! x7) 14(1!)
  HSD S 9 1=DY,FL,HS,MN,VS 3=DA,MO,VS,WK,YR 5={PERIODS}
      7=1,2,3,4,5,6,7,8,9,A,B,C,D,E,F,G,H,J,K,L,M,N,O,P,Q,R,S,SG,SL,SP,SX,SY,SZ,T,U,V,W,X,Y 8=A,B,C,D,E,F,G,Y
  REF S 9 1!=18,1L,1W,49,6P,9F,ALS,CLI,F6,FO,G1,IG,M7,N6,NQ 2! x4
  DTP S 20 1!=096,193,194,198,290,291,292,295,304,307,318,346,348,349,356,357,435,472,636,771 2!=D8,RD8 3!
  AAA S 9 1!=N,Y 3!=15,33,52,53,54,55,56,57,60,61,62,63,69,70,98,AA,AE,AF,AG,AO,CI,E8,IA,MA 4!={FOLLOW_UPS} x2
  MSG S 10 1! x2-3
  LS S 1 1!=2120
  LE S 1 1!=2120
  @2115@L S 10
    III R 1 1=GR,NI,ZZ 3=44 x5-9
  @2120@L S 23
    NM1 R 1 1!=13,1I,1P,2B,36,73,FA,GP,GW,I3,IL,LR,OC,P3,P4,P5,PR,PRP,SEP,TTP,VER,VN,VY,X3,Y2 2!=1,2
        8=24,34,46,FA,FI,II,MI,NI,PI,PP,SV,XV,XX 10=01,02,27,41,48,65,72 x6,11-12
    N3 S 1 1!
    N4 S 1 1! 5=RJ
    PER S 3 1!=IC 3=ED,EM,FX,TE,UR,WP 5=ED,EM,EX,FX,TE,UR,WP 7=ED,EM,EX,FX,TE,UR,WP x9
    PRV S 1 1!={PROVIDERS} 2=9K,D3,EI,HPI,PXC,SY,TJ x4-6
"""
REFUSED_SOURCE = f"AAA S 9 1!=N,Y 3!=04,41,42,79,80,T4 4!={FOLLOW_UPS} x2"
REFUSED_RECEIVER = f"AAA S 9 1!=N,Y 3!=15,41,43,44,45,46,47,48,50,51,79,97,T4 4!={FOLLOW_UPS} x2"
REFUSED_MEMBER = (
    "AAA S 9 1!=N,Y 3!=15,35,42,43,45,47,48,49,51,52,56,57,58,60,61,62,63,64,65,66,67,68,71,72,73,74,75,76,77,78"
    f" 4!={FOLLOW_UPS} x2"
)


HIERARCHY = """\
  @BHT
  @2000A R >1
    HL R 1 1! 3!=20 4!=0,1 x2
    @REFUSED_LEVEL
    @2100A R 1
      @SOURCE
    @2000B S >1
      HL R 1 1! 2! 3!=21 4!=0,1
      @2100B R 1
        @RECEIVER
      @2000C S >1
        HL R 1 1! 2! 3!=22 4!=0,1
        @TRACES
        @2100C R 1
          @SUBSCRIBER
        @2000D S >1
          HL R 1 1! 2! 3!=23 4!=0
          @TRACES
          @2100D R 1
            @DEPENDENT
"""


def _fill(template: str, parts: dict[str, str]) -> str:
    """The template with each line `@NAME` replaced by that part, as deep as the line stands."""
    lines = []
    for line in template.splitlines():
        part = parts.get(line.strip().removeprefix("@"))
        lines.append(line if part is None else indent(part, line[: len(line) - len(line.lstrip())]))
    return "\n".join(line.rstrip("\n") for line in lines if line.strip())


def _member(level: str, entity: str, relation: str, refused: str, details: str) -> str:
    """Loop 2100 with the 2110s below it, of the subscriber (C) or the dependent (D)."""
    text = _fill(MEMBER, {"AAA": refused}) + "\n" + details
    return text.replace("@NAME", entity).replace("@RELATION", relation).replace("@L", level)


def _compose(parts: dict[str, str], refused: tuple[str, str, str], details: str) -> str:
    of_source, of_receiver, of_member = refused
    return _fill(
        HIERARCHY,
        {
            **parts,
            "REFUSED_LEVEL": of_source,
            "RECEIVER": _fill(RECEIVER, {"AAA": of_receiver}),
            "SUBSCRIBER": _member("C", "IL", SUBSCRIBER_RELATION, of_member, details),
            "DEPENDENT": _member("D", "03", DEPENDENT_RELATION, of_member, details),
        },
    )


GRAMMAR_270 = _compose(
    {"BHT": "BHT R 1 1!=0022 2!=01,13 4! 5! 6=RT", "TRACES": "TRN S 2 1!=1 2! 3!", "SOURCE": SOURCE}, ("",) * 3, ASKED
)
CONTACTS = "PER S 3 1!=IC 3=ED,EM,FX,TE,UR 5=ED,EM,EX,FX,TE,UR 7=ED,EM,EX,FX,TE,UR x9"
GRAMMAR_271 = _compose(
    {
        "BHT": "BHT R 1 1!=0022 2!=06,11 4! 5! x6",
        "TRACES": "TRN S 3 1!=1,2 2! 3!",
        "SOURCE": "\n".join((SOURCE, CONTACTS, REFUSED_SOURCE)),
    },
    (REFUSED_SOURCE, REFUSED_RECEIVER, REFUSED_MEMBER),
    ANSWERED,
)
