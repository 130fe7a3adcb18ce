"""Chinese surnames, simplified: the common ones of one character, and those of two."""

from __future__ import annotations

SINGLE = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦昌马苗"
    "凤方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛禹狄米贝臧计成戴"
    "宋庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房解应"
    "宗丁宣邓单洪包左石崔吉龚程邢裴陆荣翁荀甄曲封储靳焦牧谷车侯全班仇宁甘厉祖武符刘景詹束龙叶司黎薄印白"
    "蒲台鄂索赖卓蔺屠蒙池乔闻党翟谭贡姬申扶冉宰桑桂牛边温庄晏柴瞿阎习艾容向古易慎戈廖耿欧聂关荆游权益桓"
    "公饶曾沙丰巢蒯相查后红竺佘佟肖代付闫涂敖明邸冷苑皮郗初谌来娜辛凃尚覃揭"
    "段于文岳芦丛牟卜苟简盖奚燕冀谈连郜栾郁商迟鄢巩井练仲卞官衣楚栗匡巫鞠伏胥隋刁丘庹粟税阳植畅宫蹇谯晋兰鲜"
)

COMPOUND = frozenset(
    [
        *("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐"),
        *("宇文", "长孙", "司徒", "司空", "夏侯", "端木", "轩辕", "南宫", "独孤", "百里"),
        *("东郭", "西门", "呼延", "澹台", "申屠", "太史", "闻人", "赫连", "公冶", "仲孙"),
    ]
)


def surname_length(name: str) -> int:
    """How many characters of a (simplified) name are its surname; 0 where it begins with none."""
    if name[:2] in COMPOUND and len(name) > 2:
        return 2
    return 1 if name[:1] in SINGLE else 0
